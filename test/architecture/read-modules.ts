import { glob, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'rolldown/utils';

/** The checkout's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** As it is written: './x.ts', 'zod', 'node:fs'. */
  source: string;
  /** The path from the root when it is a file of ours, else null. */
  target: string | null;
  /** Imported names; 'default' for a default import, '*' for everything. */
  names: string[];
  /** It is gone once the types are stripped. */
  isTypeOnly: boolean;
}

/** What the rules need to know about one source file. */
export interface Module {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
  imports: Import[];
  hasDefaultExport: boolean;
  /** Nothing but exports of what other files made. */
  isBarrel: boolean;
  /** `export * from`. */
  exportsAll: boolean;
}

/** Reads every TypeScript source below the folders. */
export async function readModules(...folders: string[]): Promise<Module[]> {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  const paths = await Array.fromAsync(glob(patterns, { cwd: root, exclude: ['**/node_modules/**'] }));
  return Promise.all(paths.sort().map(async (path) => parseModule(path.replaceAll('\\', '/'), await readFile(join(root, path), 'utf8'))));
}

/** Parses one source text. Throws where it does not parse: what cannot be read cannot be judged. */
export function parseModule(path: string, text: string): Module {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const exports = module.staticExports.flatMap((statement) => statement.entries);
  const found = [
    ...module.staticImports.map((each) => ({
      source: each.moduleRequest.value,
      names: each.entries.map((entry) => nameOf(entry.importName)),
      isTypeOnly: each.entries.length > 0 && each.entries.every((entry) => entry.isType),
    })),
    ...exports.flatMap((each) =>
      each.moduleRequest === null ? [] : [{ source: each.moduleRequest.value, names: [nameOf(each.importName)], isTypeOnly: each.isType }],
    ),
    // import('…') as an expression and as a type, and files started beside this one: new URL('./x.ts', import.meta.url)
    ...[...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]|\bnew URL\(\s*['"](\.[^'"]+\.ts)['"]/g)].map((match) => ({
      source: match[1] ?? match[2] ?? '',
      names: ['*'],
      isTypeOnly: false,
    })),
  ];
  return {
    path,
    text,
    imports: found.map((each) => ({ ...each, target: targetOf(path, each.source) })),
    hasDefaultExport: exports.some((each) => nameOf(each.exportName) === 'default'),
    isBarrel: exports.some((each) => each.moduleRequest !== null) && program.body.every(isReexport),
    exportsAll: program.body.some((statement) => statement.type === 'ExportAllDeclaration'),
  };
}

function nameOf(name: { kind: string; name: string | null }): string {
  return name.kind === 'Default' ? 'default' : (name.name ?? '*');
}

function isReexport(statement: { type: string; source?: unknown }): boolean {
  if (statement.type === 'ExportAllDeclaration' || statement.type === 'ImportDeclaration') return true;
  return statement.type === 'ExportNamedDeclaration' && statement.source !== null && statement.source !== undefined;
}

function targetOf(path: string, source: string): string | null {
  return source.startsWith('.') ? posix.join(dirname(path), source) : null;
}
