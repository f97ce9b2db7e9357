/** Writes `resources/products/schema.json`: `node electron/engine/product/write-json-schema.ts`. With `--check` it only compares. */
import { join } from 'node:path';
import { resourcesFolder } from '../platform/environment.ts';
import { readTextOrNull, writeDurably } from '../platform/files.ts';
import { descriptorJsonSchema } from './json-schema.ts';

const file = join(resourcesFolder(), 'products', 'schema.json');
const fresh = descriptorJsonSchema();

if (!process.argv.includes('--check')) await writeDurably(file, fresh, 0o644);
else if ((await readTextOrNull(file)) !== fresh) {
  process.exitCode = 1;
  process.stderr.write(`${file} is stale; run node electron/engine/product/write-json-schema.ts\n`);
}
