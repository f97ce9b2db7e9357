/**
 * The way out: asked for while something runs, it asks back; then everything is let go of in order, and the process ends.
 * A system that shuts down without asking is a kill, and the journal is there for that.
 */
import { app, dialog } from 'electron';
import type { Hub } from '../transport/hub.ts';
import { quitAnswers, quitQuestion } from './quit-question.ts';

export interface Quitting {
  /** Lets go of everything, without a question and without ending the process. */
  letGo(): Promise<void>;
}

/** @param letGo closes windows, tray and engine; called once */
export function guardQuitting(hub: Hub, letGo: () => Promise<void>): Quitting {
  let gone: Promise<void> | null = null;
  let asking = false;
  const leave = (): Promise<void> => (gone ??= letGo());
  app.on('before-quit', (event) => {
    if (gone !== null) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    void mayQuit(hub)
      .then(async (may) => {
        if (!may) return;
        await leave();
        app.quit();
      })
      .finally(() => (asking = false));
  });
  return { letGo: leave };
}

/** Whether the person wants to go; resolves when nothing runs any more. */
async function mayQuit(hub: Hub): Promise<boolean> {
  const question = quitQuestion(hub.running());
  if (question === null) return true;
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    ...question,
    defaultId: 0,
    cancelId: quitAnswers.indexOf('stay'),
    noLink: true,
  });
  const answer = quitAnswers[response] ?? 'stay';
  if (answer === 'stay') return false;
  // What begins meanwhile, in another window, is waited for as well.
  for (let running = hub.running(); running.length > 0; running = hub.running()) {
    if (answer === 'cancel') for (const { operation } of running) hub.cancel({ operation });
    for (const { operation } of running) await hub.wait(operation);
  }
  return true;
}
