import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resourcesFolder } from '../../../electron/engine/platform/environment.ts';
import { descriptorJsonSchema } from '../../../electron/engine/product/json-schema.ts';

it('publishes the schema of the code, and not one from before', async () => {
  const published = await readFile(join(resourcesFolder(), 'products', 'schema.json'), 'utf8');
  expect(published === descriptorJsonSchema(), 'stale: run node electron/engine/product/write-json-schema.ts').toBe(true);
});

it('holds patterns for paths that leave the owned roots', () => {
  const schema = JSON.parse(descriptorJsonSchema()) as {
    properties: { recognize: { properties: { all: { items: { pattern: string } } } } };
  };
  const pattern = new RegExp(schema.properties.recognize.properties.all.items.pattern);
  for (const fine of ['a', 'a/b.c', '.config.json', 'a..b/..c', '.moulting']) expect(fine).toMatch(pattern);
  for (const bad of ['/a', '~/a', 'C:/a', '../a', 'a/../b', 'a/..', 'a//b', './a', 'a/', 'a\\b', '.moult/x', ''])
    expect(bad).not.toMatch(pattern);
});
