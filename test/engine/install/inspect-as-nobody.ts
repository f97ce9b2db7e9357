/** Prints what `inspectHome` says, after giving up the superuser's rights: `node inspect-as-nobody.ts HOME PURPOSE`. 65534 is `nobody`. */
import { inspectHome, type HomePurpose } from '../../../electron/engine/install/home.ts';

const [home = '', purpose = ''] = process.argv.slice(2);
if (process.getuid?.() === 0) process.setuid?.(65_534);
process.stdout.write((await inspectHome(home, purpose as HomePurpose)).message);
