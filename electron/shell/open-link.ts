import { dialog, shell } from 'electron';
import { judgeLink } from './links.ts';

/** Opens a link of a page in the system's browser, after a question where its host is not one that a descriptor names. */
export async function openLink(address: string, known: ReadonlySet<string>): Promise<void> {
  const verdict = judgeLink(address, known);
  if (verdict === 'refuse') return;
  const { href, host } = new URL(address);
  if (verdict === 'ask') {
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: `Open ${host} in your browser?`,
      detail: href,
      buttons: ['Open', 'Stay here'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response !== 0) return;
  }
  await shell.openExternal(href);
}
