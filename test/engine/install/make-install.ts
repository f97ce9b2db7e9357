import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolveItems, type ResolvedItem } from '../../../electron/engine/install/items.ts';
import { makeFill } from '../../../electron/engine/product/fill.ts';
import { parseDescriptor } from '../../../electron/engine/product/load.ts';
import type { Descriptor } from '../../../electron/engine/product/schema.ts';
import { exampleText } from '../product/fixture.ts';

/** Writes files below a folder: names and contents. */
export async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

/** The documentation's product with other items (YAML, each a list entry at two spaces), and no datastores unless they are given. */
export async function descriptorWith(items: string, more: { config?: string; datastores?: string } = {}): Promise<Descriptor> {
  const text = (await exampleText())
    .replace(/^items:\n[\s\S]*?^datastores:\n.*\n/m, () => `items:\n${items}\ndatastores: ${more.datastores ?? '[]'}\n`)
    .replace(/^config:\n.*\n/m, () => `config:\n${more.config ?? '  - { id: main, path: jotter.json, format: json }'}\n`);
  return parseDescriptor(text, 'test.yaml');
}

/** One item as YAML. `fate` is upgrade, uninstall, purge. */
export function itemText(id: string, at: string, more: string = '', fate: string = 'preserve keep remove'): string {
  const [upgrade, uninstall, purge] = fate.split(' ');
  const extra = more === '' ? '' : `, ${more}`;
  return `  - { id: ${id}, title: The ${id}, what: It., at: [${at}], fate: { upgrade: ${upgrade}, uninstall: ${uninstall}, purge: ${purge} }${extra} }`;
}

/** The items, a database with the files that its driver says may stand beside it. */
export async function itemsAt(home: string, descriptor: Descriptor, slot: string | null = null): Promise<ResolvedItem[]> {
  const items = await resolveItems(descriptor, { home, slot, fill: makeFill({ home }) });
  const store = descriptor.datastores.find((spec) => spec.driver === 'sqlite');
  return items.map((one) =>
    one.item.id === store?.item ? { ...one, companions: ['-wal', '-shm', '-journal'].map((end) => `${one.paths[0]}${end}`) } : one,
  );
}

export function named(items: readonly ResolvedItem[], id: string): ResolvedItem {
  const one = items.find((entry) => entry.item.id === id);
  if (!one) throw new Error(`no item ${id}`);
  return one;
}
