import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { exists } from '../../electron/engine/platform/files.ts';
import { readModules, root } from './read-modules.ts';

/** Everything that may stand at the top; the person Moult is built for fixed it. */
const topLevel = `package.json package-lock.json tsconfig.json electron renderer resources test electron-builder.yml
  README.md LICENSE CHANGELOG.md docs .ci .git .gitignore`.split(/\s+/);

const files = await listFiles();

describe('names', () => {
  test('the root is bare', async () => {
    const ignored = (await readFile(join(root, '.gitignore'), 'utf8')).split('\n').map((line) => line.replace(/\/$/, ''));
    const found = (await readdir(root)).filter((name) => !ignored.includes(name) && !name.endsWith('.log'));
    expect(strangers(found)).toEqual([]);
    expect(strangers(['.eslintrc.json', 'src', 'README.md'])).toEqual(['.eslintrc.json', 'src']);
  });

  test('files and folders of code are in kebab-case', () => {
    const badlyNamed = (paths: string[]) => paths.filter((path) => !isKebabCase(path));
    expect(
      badlyNamed(files.filter((path) => /^(electron|renderer|test|resources|\.ci)\/.*\.(ts|tsx|mjs|js|json|yaml)$/.test(path))),
    ).toEqual([]);
    expect(badlyNamed(['a/Folder/x.ts', 'a/camelCase.ts', 'a/snake_case.ts', 'a/fine-name.test.ts', 'a/1.0.0/x.mjs'])).toHaveLength(3);
  });

  test('decisions are numbered without gaps and have a status', async () => {
    const decisions = files.filter((path) => path.startsWith('docs/decisions/')).sort();
    expect(decisions.map((path) => basename(path).slice(0, 4))).toEqual(decisions.map((_, index) => String(index + 1).padStart(4, '0')));
    for (const path of decisions)
      expect(await readFile(join(root, path), 'utf8'), path).toMatch(/^# \d+\. .+\n\n(.*\n)*?Status: (accepted|replaced by)/);
  });
});

describe('tests mirror the tree', () => {
  test('every folder of tests belongs to a folder of code', async () => {
    expect(await orphans(files)).toEqual([]);
    expect(await orphans(['test/engine/unheard-of/x.test.ts', 'test/engine/platform/x.test.ts'])).toEqual([
      'test/engine/unheard-of/x.test.ts',
    ]);
  });

  test('every room of the engine has tests', () => {
    const rooms = new Set(files.flatMap((path) => /^electron\/engine\/([^/]+)\/.*\.ts$/.exec(path)?.[1] ?? []));
    const untested = [...rooms].filter(
      (room) => !files.some((path) => path.startsWith(`test/engine/${room}/`) && path.endsWith('.test.ts')),
    );
    expect(untested).toEqual([]);
  });
});

describe('texts', () => {
  test('nothing names the machine it was written on', async () => {
    const texts = files.filter((path) => !/(^|\/)package-lock\.json$|\.(png|ico|icns|gz|zst|db)$/.test(path));
    const named = await Promise.all(
      texts.map(async (path) => machinePaths(await readFile(join(root, path), 'utf8')).map((found) => `${path}: ${found}`)),
    );
    expect(named.flat()).toEqual([]);
    expect(machinePaths(`a ${['', 'work', 'main'].join('/')} b ${['', 'tmp', 'brief'].join('/')} /home/ada/notes`)).toHaveLength(2);
  });

  test('links between documents lead somewhere', async () => {
    const broken: string[] = [];
    for (const path of files.filter((each) => each.endsWith('.md') && !each.startsWith('resources/sample/releases/'))) {
      for (const target of relativeLinks(await readFile(join(root, path), 'utf8'))) {
        if (!(await exists(join(root, dirname(path), target)))) broken.push(`${path}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
    expect(relativeLinks('[a](b.md#c) [d](https://e) [f](#g) ![h](i.png)')).toEqual(['b.md', 'i.png']);
  });

  test('every building has a tsconfig of its own', async () => {
    const covered = new Set(files.filter((path) => path.endsWith('/tsconfig.json')).map((path) => dirname(path)));
    const uncovered = (await readModules('electron', 'renderer', 'resources', 'test', '.ci')).map((module) => dirname(module.path));
    const bare = uncovered.filter((folder) => !ancestors(folder).some((each) => covered.has(each)));
    expect([...new Set(bare)]).toEqual([]);
  });
});

/** Files that git knows or would take. */
async function listFiles(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  const listed = [...new Set(stdout.split('\0').filter((path) => path !== ''))];
  const present = await Promise.all(listed.map((path) => exists(join(root, path))));
  return listed.filter((_, index) => present[index]);
}

function strangers(names: string[]): string[] {
  return names.filter((name) => !topLevel.includes(name));
}

function isKebabCase(path: string): boolean {
  return path.split('/').every((part) => /^\.?[a-z0-9]+([.-][a-z0-9]+)*$/.test(part));
}

async function orphans(paths: string[]): Promise<string[]> {
  const mirrored = paths.filter(
    (path) => /^test\/(engine|api|cli|web|shell|transport|resources|renderer)\//.test(path) && path.endsWith('.test.ts'),
  );
  const places = mirrored.map((path) => dirname(path).replace(/^test\//, ''));
  const standing = await Promise.all(
    places.map(async (place) => (await exists(join(root, 'electron', place))) || (await exists(join(root, place)))),
  );
  return mirrored.filter((_, index) => !standing[index]);
}

/** Absolute paths of somebody's machine. Split up here, so that this file does not name them either. */
function machinePaths(text: string): string[] {
  const places = ['work/(?:main|shared)', 'tmp/(?:brief|bash)', '\\.library', '\\.mirror'];
  return [...text.matchAll(new RegExp(`(?<![\\w.}~-])/(?:${places.join('|')})`, 'g'))].map((match) => match[0]);
}

function relativeLinks(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => (match[1] ?? '').replace(/#.*$/, ''));
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function ancestors(folder: string): string[] {
  const parts = folder.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
