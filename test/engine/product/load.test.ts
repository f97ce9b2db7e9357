import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import { resourcesFolder } from '../../../electron/engine/platform/environment.ts';
import { loadCatalogue, loadDescriptor, parseDescriptor, type DescriptorProblem } from '../../../electron/engine/product/load.ts';
import { processorTime } from '../../support/processor-time.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { broken } from './broken.ts';
import { changed, exampleText, lineOf } from './fixture.ts';

let example = '';
beforeAll(async () => {
  example = await exampleText();
});

function failureOf(text: string): Failure & { problems: DescriptorProblem[] } {
  try {
    parseDescriptor(text, 'jotter.yaml');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return Object.assign(error, { problems: (error.details?.['problems'] ?? []) as DescriptorProblem[] });
  }
  throw new Error('it was accepted');
}

describe('a good descriptor', () => {
  it('is the one in the documentation', () => {
    const descriptor = parseDescriptor(example, 'jotter.yaml');
    expect(descriptor.product).toBe('jotter');
    expect(descriptor.service).toMatchObject({ folder: '{home}', stop: { signal: 'SIGTERM', grace: '15s' } });
    expect(descriptor.items[0]).toMatchObject({ backup: true, secret: false, exclude: ['.thumbnails'] });
  });

  it.each(['sprig', 'node-red'])('is the bundled %s', async (name) => {
    expect((await loadDescriptor(join(resourcesFolder(), 'products', `${name}.yaml`))).product).toBe(name);
  });

  it('may share text through an alias, and may begin with a byte order mark', async () => {
    const shared = changed(
      changed(example, 'fate: { upgrade: preserve', 'fate: &own { upgrade: preserve'),
      /fate: \{ upgrade: preserve[^}]*\}/,
      'fate: *own',
    );
    expect(parseDescriptor(shared, 'x').items[2]?.fate).toEqual({ upgrade: 'preserve', uninstall: 'keep', purge: 'remove' });
    const file = join(await temporaryFolder(), 'bom.yaml');
    await writeFile(file, `\ufeff${example}`);
    expect((await loadDescriptor(file)).product).toBe('jotter');
  });
});

describe('a broken descriptor', () => {
  it.each(broken)('is refused for $name', ({ break: breakIt, on, key, says }) => {
    const text = breakIt(example);
    const failure = failureOf(text);
    expect(failure.code).toBe('bad-descriptor');
    expect(failure.remedy?.action).toBe('edit-descriptor');
    const found = failure.problems.find((problem) => problem.key === key);
    expect(found, failure.message).toBeDefined();
    for (const part of says) expect(found?.problem).toContain(part);
    const { line, column } = found as DescriptorProblem;
    expect(line - lineOf(text, on), `${failure.message}\nexpected on line ${lineOf(text, on)}`).toBe(0);
    expect(failure.message).toContain(`jotter.yaml:${line}:${column} ${key === '' ? '' : `${key}: `}`);
  });

  it('is told of every mistake at once', () => {
    const text = broken
      .slice(0, 9)
      .filter((one) => one.name !== 'a text for a number')
      .reduce((sofar, one) => one.break(sofar), example);
    const keys = failureOf(text).problems.map((problem) => problem.key);
    expect(keys).toEqual(
      expect.arrayContaining([
        'tilte',
        'title',
        'summary',
        'items[2].at[0].keys.keys',
        'port.default',
        'items[0].fate.upgrade',
        'datastores[0].driver',
        'feed.driver',
        'items[5].at[0].path',
      ]),
    );
  });

  it('is told of mistakes between parts beside a mistake inside one', () => {
    const text = changed(changed(example, 'upgrade: preserve', 'upgrade: sometimes'), 'defaultChannel: stable', 'defaultChannel: gone');
    expect(failureOf(text).problems.map((problem) => problem.key)).toEqual(['items[0].fate.upgrade', 'defaultChannel']);
  });

  it('of a newer format is refused with the way out, whatever else it holds', () => {
    const failure = failureOf(`${changed(example, 'format: 1', 'format: 2')}\nteleport: true\n`);
    expect(failure.code).toBe('newer-format');
    expect(failure.remedy?.action).toBe('upgrade-moult');
    expect(failure.message).toContain('jotter.yaml:1:9 format');
    expect(failureOf(changed(example, 'format: 1', 'format: 0')).message).toContain('allowed: 1');
  });

  it('never writes to a terminal', () => {
    const failure = failureOf(changed(example, 'title: Jotter', '"\\e[31mred": 1\nfeed: "\\e]0;x"'));
    expect(failure.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('a file that is no descriptor', () => {
  it.each<[string, string | Buffer, string]>([
    ['empty', '', 'is empty'],
    ['only a comment', '# nothing\n', 'is empty'],
    ['a list', '- a\n', 'allowed: a map'],
    ['a text', 'hello\n', 'not a map'],
    ['null', 'null\n', 'a map'],
    ['not UTF-8', Buffer.from([0x66, 0xff, 0xfe]), 'not UTF-8'],
    ['UTF-16', Buffer.from('format: 1', 'utf16le'), ''],
    ['10 MB long', Buffer.alloc(10_000_000, 0x61), 'allowed: at most 32768'],
  ])('is refused when it is %s', async (_name, content, says) => {
    const file = join(await temporaryFolder(), 'x.yaml');
    await writeFile(file, content);
    const refused = loadDescriptor(file);
    await expect(refused).rejects.toMatchObject({ code: 'bad-descriptor' });
    await expect(refused).rejects.toThrow(says);
    await expect(refused).rejects.toThrow(`${file}:1:1 `);
  });

  it('is refused when it is missing or a folder', async () => {
    const folder = await temporaryFolder();
    await expect(loadDescriptor(join(folder, 'none.yaml'))).rejects.toThrow('there is no such file');
    await expect(loadDescriptor(folder)).rejects.toThrow('is not a file');
  });
});

describe('whatever the text', () => {
  const hostile: [string, string][] = [
    ...['[', '{', '- ', '? ', '{? ', '&a ', '*a ', '"', '!!x ', 'a: ', '[a,', '{a: ', '- - ', '[]', '\n ', '<<: '].map(
      (part): [string, string] => [part, part.repeat(32_000 / part.length)],
    ),
    ['many keys', Array.from({ length: 4000 }, (_, index) => `k${index}:`).join('\n')],
    ['deep lines', Array.from({ length: 300 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
    [
      'aliases that multiply',
      `a0: &a0 [x,x,x,x]\n${Array.from({ length: 20 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`).join('\n')}`,
    ],
    ['an alias of itself', 'format: 1\nitems: &a [*a]'],
    ['a prototype', '__proto__: { polluted: true }\nconstructor: 1\n'],
  ];

  it.each(hostile)('%j is refused at once', (_name, text) => {
    const took = processorTime(() => expect(failureOf(text).code).toBe('bad-descriptor'));
    expect(took).toBeLessThan(1000);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('the answer is a descriptor or a failure, within a second', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'format: 1\n',
        'items:\n',
        '  - id: a\n',
        '{',
        '}',
        '[',
        ']',
        ': ',
        '- ',
        '&a ',
        '*a ',
        '\t',
        '"',
        "'",
        '|\n',
        '? ',
        '!!map ',
        '---\n',
        '{home}',
      ),
    );
    const edit = fc.record({ at: fc.nat(), length: fc.nat(30), put: piece });
    const text = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
      fc
        .array(edit, { minLength: 1, maxLength: 4 })
        .map((edits) =>
          edits.reduce(
            (sofar, { at, length, put }) => sofar.slice(0, at % sofar.length) + put + sofar.slice((at % sofar.length) + length) || '-',
            example,
          ),
        ),
    );
    fc.assert(
      fc.property(text, (one) => {
        const took = processorTime(() => {
          try {
            parseDescriptor(one, 'x.yaml');
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
            expect(['bad-descriptor', 'newer-format']).toContain(error.code);
          }
        });
        expect(took).toBeLessThan(1000);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a catalogue', () => {
  it('is whole where one file is broken, and lets a person override what is bundled', async () => {
    const root = await temporaryFolder();
    const [bundled, own] = [join(root, 'bundled'), join(root, 'own')];
    await Promise.all([bundled, own].map((folder) => mkdir(folder)));
    await writeFile(join(bundled, 'jotter.yaml'), example);
    await writeFile(join(bundled, 'schema.json'), '{}');
    await writeFile(join(bundled, 'broken.yaml'), 'format: 1\n');
    await writeFile(join(own, 'mine.yml'), changed(example, 'title: Jotter', 'title: My Jotter'));
    await writeFile(join(own, 'again.yml'), changed(example, 'title: Jotter', 'title: Again'));
    await writeFile(join(own, 'other.yaml'), changed(example, 'product: jotter', 'product: a-other'));
    const { products, problems } = await loadCatalogue([
      { folder: own, bundled: false },
      { folder: bundled, bundled: true },
      { folder: join(root, 'none'), bundled: false },
    ]);
    expect(products.map(({ descriptor, bundled: isBundled }) => [descriptor.product, descriptor.title, isBundled])).toEqual([
      ['a-other', 'Jotter', false],
      ['jotter', 'Again', false],
    ]);
    expect(problems.map((problem) => problem.code)).toEqual(['bad-descriptor', 'bad-descriptor', 'bad-input']);
    expect(problems[0]?.message).toContain('broken.yaml:1:1');
    expect(problems[1]?.message).toContain(
      `mine.yml:1:1 describes the product "jotter", which ${join(own, 'again.yml')} already describes`,
    );
  });
});
