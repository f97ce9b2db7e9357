/** Where the desktop app's own pages live. Their scheme is Moult's own: `file:` would let a page read files. */
export const scheme = 'app';
export const screensOrigin = `${scheme}://moult`;

/** The address of a page of the screens. @param page begins with `#/` */
export function addressOf(page: string): string {
  return `${screensOrigin}/index.html${page}`;
}

/** Whether an address is one of our own pages: the only ones that may load in a window and speak to the engine. */
export function isOwnPage(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && url.protocol === `${scheme}:` && url.host === 'moult' && url.username === '' && url.password === '';
}
