import type { RunningOperation } from '../api/client.ts';
import { doing } from './tray-model.ts';

/** What a person may answer, in the order of the buttons. */
export const quitAnswers = ['wait', 'cancel', 'stay'] as const;
export type QuitAnswer = (typeof quitAnswers)[number];

export interface QuitQuestion {
  message: string;
  detail: string;
  buttons: string[];
}

/** What is asked before Moult quits while something runs; null when nothing does. */
export function quitQuestion(running: readonly RunningOperation[]): QuitQuestion | null {
  const [first, ...others] = running;
  if (first === undefined) return null;
  const what = others.length === 0 ? `Moult is ${doing[first.action]} ${first.install}.` : `${running.length} operations are running.`;
  return {
    message: what,
    detail: 'Quitting waits until this has come to a safe end. Cancelled, everything goes back to how it was where that is still possible.',
    buttons: ['Quit when it is done', 'Cancel it and quit', 'Keep Moult open'],
  };
}
