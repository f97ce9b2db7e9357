/** A process of its own that uses the registry: `registry-writer FOLDER NAME TIMES`. */
import { openWholeRegistry } from '../../../electron/engine/registry/registry.ts';

const [folder = '', name = '', times = '1'] = process.argv.slice(2);
const registry = await openWholeRegistry(folder);
const at = new Date().toISOString();
registry.installs.put({ name, id: name, product: 'sprig', home: `/srv/${name}`, state: 'active' }, at);
for (let count = 0; count < Number(times); count += 1) {
  const operation = `${name}-${count}`;
  registry.operations.begin({ operation, action: 'back-up', install: name, home: `/srv/${name}`, from: null, to: null, startedAt: at });
  registry.operations.end(operation, { endedAt: at, outcome: 'done', endState: 'done', message: null, undoUntil: null, receipt: null });
}
registry.close();
