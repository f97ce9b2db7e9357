/** A process that backs up and says when it is in the phase in which it is to be killed; then it waits for that. */
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';

const [tree = '', to = '', phase = ''] = process.argv.slice(2);
const here = (name: string) => {
  if (name === phase) console.log(name);
};
const sources = [{ item: 'workspace', path: tree, as: '' }];
const writer = await openBackup({ to, onProgress: () => here('first') });
await writer.addFirstPass(sources);
await writer.verifyWritten();
here('verify');
await writer.addChanges(sources);
here('changes');
setInterval(() => {}, 1000);
