/**
 * The real preload as a script that runs before a page: `require('electron')` gives it a context bridge and a wire, and the page is left with
 * what it exposes, frozen, and nothing else. (Electron gives it a world of its own; here it is a function's.)
 */
export function preloadScript(preload: string): string {
  return `(() => {
    if (window !== window.top) return;
    const { doubleInvoke: invoke, doubleSend: post } = window;
    const listeners = new Map();
    const of = (channel) => listeners.get(channel) ?? listeners.set(channel, new Set()).get(channel);
    Object.defineProperty(window, 'doubleHear', { value: (channel, given) => of(channel).forEach((listener) => listener({}, ...given)) });
    delete window.doubleInvoke;
    delete window.doubleSend;
    const ipcRenderer = {
      invoke: (channel, ...given) => invoke(channel, given),
      send: (channel, ...given) => void post(channel, given),
      on: (channel, listener) => void of(channel).add(listener),
      off: (channel, listener) => void of(channel).delete(listener),
    };
    const contextBridge = {
      exposeInMainWorld: (name, value) => Object.defineProperty(window, name, { value: Object.freeze({ ...value }) }),
    };
    const require = (name) => {
      if (name === 'electron') return { contextBridge, ipcRenderer };
      throw new Error('a sandboxed preload cannot require ' + name);
    };
    const module = { exports: {} };
    (function (require, module, exports) {\n${preload}\n})(require, module, module.exports);
  })()`;
}
