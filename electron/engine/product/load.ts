/**
 * Loads descriptors. They come from strangers: whatever a file holds, the answer is a descriptor that keeps the rules or one `Failure`
 * that lists everything that is wrong, with line and column. Loading runs nothing and reads nothing but the file.
 */
import { join } from 'node:path';
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';
import { followOrNull, namesIn, readBytes } from '../platform/files.ts';
import { complaintsOf, type Complaint } from './explain.ts';
import { checkReferences } from './references.ts';
import { descriptorSchema, type Descriptor } from './schema.ts';
import { readYaml, type YamlReading } from './yaml.ts';

export interface LoadedProduct {
  descriptor: Descriptor;
  /** The file it was read from. */
  source: string;
  bundled: boolean;
}

export interface Catalogue {
  /** Sorted by name; a product of the person's own folders stands in for the bundled one of the same name. */
  products: LoadedProduct[];
  /** Descriptors that could not be loaded; they do not hide the others. */
  problems: FailureData[];
}

/** One thing that is wrong with a descriptor, as `details.problems` of the failure holds it. */
export interface DescriptorProblem {
  line: number;
  column: number;
  /** `items[2].fate.upgrade`; empty for the whole file. */
  key: string;
  problem: string;
}

/** The format of descriptors that this Moult reads. */
const knownFormat = 1;

/** Longest descriptor, in bytes: several times what the longest bundled one needs, and short enough that the parser's worst text takes half a second. */
const longest = 32 * 1024;
const limits = { values: 10_000, depth: 24 };
const mostListed = 50;

/** Reads one descriptor. Throws `bad-descriptor` or `newer-format`. */
export async function loadDescriptor(file: string): Promise<Descriptor> {
  const stats = await followOrNull(file).catch((error: unknown) => {
    throw refuse(file, [atStart(`cannot be read: ${(error as Error).message}`)]);
  });
  if (stats === null) throw refuse(file, [atStart('there is no such file')]);
  if (!stats.isFile()) throw refuse(file, [atStart('is not a file')]);
  if (stats.size > longest) throw refuse(file, [tooLong(stats.size)]);
  const bytes = await readBytes(file).catch((error: unknown) => {
    throw refuse(file, [atStart(`cannot be read: ${(error as Error).message}`)]);
  });
  const text = decode(bytes, file);
  const known = understood.get(text);
  if (known !== undefined) return structuredClone(known);
  const descriptor = parseDescriptor(text, file);
  if (understood.size >= mostUnderstood) understood.clear();
  understood.set(text, descriptor);
  return structuredClone(descriptor);
}

/** What a text was understood as. Every call of the engine reads all descriptors, and reading one anew takes longer than all the rest of a small call. */
const understood = new Map<string, Descriptor>();
const mostUnderstood = 100;

/** Reads the text of a descriptor; `file` is only named in messages. Throws `bad-descriptor` or `newer-format`. */
export function parseDescriptor(text: string, file: string): Descriptor {
  if (text.length > longest) throw refuse(file, [tooLong(text.length)]);
  const reading = readYaml(text, limits);
  refuseNewer(reading, file);
  const syntax = reading.problems.map(({ line, column, path, what }) => ({ line, column, key: keyText(path), problem: what }));
  if (reading.value === undefined && syntax.length === 0) throw refuse(file, [atStart('is empty')]);
  if (reading.value === undefined || typeof reading.value !== 'object') {
    throw refuse(file, syntax.length > 0 ? syntax : [atStart('is not a map of keys and values')]);
  }
  const complaints = withoutRepeats([...complaintsOf(descriptorSchema, reading.value), ...checkReferences(reading.value)]);
  const problems = [...syntax, ...complaints.map((complaint) => locate(complaint, reading))];
  if (problems.length > 0) throw refuse(file, problems);
  return descriptorSchema.parse(reading.value);
}

/**
 * Loads every `*.yaml` and `*.yml` of the folders. Within a folder the second file with a product's name is refused; between folders a
 * person's own descriptor stands in for a bundled one, and of two own ones the later folder wins.
 */
export async function loadCatalogue(folders: readonly { folder: string; bundled: boolean }[]): Promise<Catalogue> {
  const products = new Map<string, LoadedProduct>();
  const problems: FailureData[] = [];
  for (const { folder, bundled } of [...folders].sort((a, b) => Number(b.bundled) - Number(a.bundled))) {
    const found = await loadFolder(folder, bundled, problems);
    for (const [name, product] of found) products.set(name, product);
  }
  return { products: [...products.values()].sort((a, b) => (a.descriptor.product < b.descriptor.product ? -1 : 1)), problems };
}

async function loadFolder(folder: string, bundled: boolean, problems: FailureData[]): Promise<Map<string, LoadedProduct>> {
  const found = new Map<string, LoadedProduct>();
  try {
    const stats = await followOrNull(folder);
    if (!stats?.isDirectory())
      throw new Failure('bad-input', `${folder} is not a folder with descriptors`, {
        remedy: { action: 'choose-folder', text: 'Name a folder that holds descriptor files (*.yaml).' },
      });
    for (const name of (await namesIn(folder)).filter((one) => /^[^.].*\.ya?ml$/i.test(one))) {
      const source = join(folder, name);
      try {
        const descriptor = await loadDescriptor(source);
        const other = found.get(descriptor.product);
        if (other)
          throw refuse(source, [atStart(`describes the product "${descriptor.product}", which ${other.source} already describes`)]);
        found.set(descriptor.product, { descriptor, source, bundled });
      } catch (error) {
        problems.push(toFailureData(error));
      }
    }
  } catch (error) {
    problems.push(toFailureData(error));
  }
  return found;
}

function refuseNewer(reading: YamlReading, file: string): void {
  const format = (reading.value as { format?: unknown } | null | undefined)?.format;
  if (typeof format !== 'number' || !Number.isInteger(format) || format <= knownFormat) return;
  const { line, column } = reading.at(['format']);
  throw new Failure(
    'newer-format',
    `${file}:${line}:${column} format: the descriptor has format ${format}, this Moult reads ${knownFormat}`,
    {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult to a release that reads this format.' },
      details: { file, format, known: knownFormat },
    },
  );
}

function refuse(file: string, problems: readonly DescriptorProblem[]): Failure {
  const shown = problems
    .slice(0, mostListed)
    .map(({ line, column, key, problem }) => `${file}:${line}:${column} ${key === '' ? '' : `${key}: `}${problem}`);
  if (problems.length > mostListed) shown.push(`and ${problems.length - mostListed} more`);
  const head = problems.length === 1 ? 'the descriptor is refused' : `the descriptor is refused for ${problems.length} reasons`;
  return new Failure('bad-descriptor', `${head}:\n${shown.join('\n')}`, {
    remedy: { action: 'edit-descriptor', text: 'Correct the lines that are named; docs/descriptors.md says what each key means.' },
    details: { file, problems: problems.slice(0, mostListed), count: problems.length },
  });
}

function locate({ path, what, aboutKey }: Complaint, reading: YamlReading): DescriptorProblem {
  return { ...(aboutKey ? reading.keyAt(path) : reading.at(path)), key: keyText(path), problem: printable(what) };
}

function withoutRepeats(complaints: readonly Complaint[]): Complaint[] {
  return [...new Map(complaints.map((complaint) => [`${keyText(complaint.path)}\n${complaint.what}`, complaint])).values()];
}

function keyText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return printable(text.replace(/^\./, '')).slice(0, 300);
}

function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '�');
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(file, [atStart('is not UTF-8 text')]);
  }
}

function atStart(problem: string): DescriptorProblem {
  return { line: 1, column: 1, key: '', problem };
}

function tooLong(length: number): DescriptorProblem {
  return atStart(`is ${length} bytes long; allowed: at most ${longest}`);
}
