/** Many installs in little time: one is set up, the others are copies of its home with records of their own, adopted. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * @param first the home of an install of the sample that is not running; the copies stand beside it
 * @param moult runs the command line
 */
export async function copyInstalls(first: string, count: number, moult: (typed: readonly string[]) => Promise<unknown>): Promise<void> {
  const record = join('.moult', 'install.json');
  const known = JSON.parse(await readFile(join(first, record), 'utf8')) as Record<string, unknown>;
  for (let number = 2; number <= count; number += 1) {
    const name = `sprig-${number}`;
    const home = join(dirname(first), name);
    await cp(first, home, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(home, record), JSON.stringify({ ...known, id: `${String(known['id'])}-${number}`, name }));
    await moult(['adopt', 'sprig', '--home', home, '--name', name]);
  }
}
