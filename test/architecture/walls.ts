/**
 * The walls of the house as functions over its modules: each takes modules and returns one sentence for every breach, so that a test
 * can show both that the house keeps a wall and that the wall would notice. The table of floors and buildings lives here and nowhere else.
 */
import type { Import, Module } from './read-modules.ts';

/** Rooms of the engine, the ground first. A room imports rooms of lower floors only; why there are these: docs/decisions/0001. */
export const floors: readonly (readonly string[])[] = [
  ['platform'],
  ['journal'],
  ['operation', 'registry'],
  ['product'],
  ['install', 'release', 'slot', 'datastore', 'ledger', 'service', 'backup', 'drift', 'preflight'],
  ['workflow'],
  ['index.ts'],
];

/** What each building may import of the house and from packages. The first building whose pattern fits a file is its own. */
interface Building {
  name: string;
  holds: RegExp;
  mayImport: RegExp;
  packages: RegExp;
}

const faces = /^electron\/(shell|cli|web)\//;

export const buildings: readonly Building[] = [
  { name: 'api', holds: /^electron\/api\//, mayImport: /^electron\/api\//, packages: /^zod$/ },
  {
    name: 'engine',
    holds: /^electron\/engine\//,
    mayImport: /^electron\/(engine|api)\//,
    packages: /^(node:.+|zod|yaml|tar|semver|better-sqlite3|pg|age-encryption)$/,
  },
  {
    name: 'transport',
    holds: /^electron\/transport\//,
    mayImport: /^electron\/(transport|api)\//,
    packages: /^(node:(path|util|buffer)|zod)$/,
  },
  {
    name: 'cli',
    holds: /^electron\/cli\//,
    mayImport: /^electron\/(cli|transport|api)\//,
    packages: /^(node:.+|commander|picocolors|zod)$/,
  },
  { name: 'web', holds: /^electron\/web\//, mayImport: /^electron\/(web|transport|api)\//, packages: /^(node:.+|zod)$/ },
  {
    name: 'shell',
    holds: /^electron\/shell\//,
    mayImport: /^electron\/(shell|transport|api)\//,
    packages: /^(node:.+|electron|electron-updater|zod)$/,
  },
  { name: 'preload', holds: /^electron\/preload\.ts$/, mayImport: /^electron\/api\//, packages: /^electron$/ },
  { name: 'launcher', holds: /^electron\/moult\.ts$/, mayImport: /^electron\/cli\.ts$/, packages: /^node:/ },
  {
    name: 'composition roots',
    holds: /^electron\/[^/]+\.ts$/,
    mayImport: /^electron\/(engine\/index\.ts$|server\.ts$|api\/|transport\/|cli\/|web\/|shell\/)/,
    packages: /^(node:.+|electron)$/,
  },
  { name: 'renderer', holds: /^renderer\//, mayImport: /^(renderer|electron\/api)\//, packages: /^(?!node:|electron$)/ },
  { name: 'resources', holds: /^resources\//, mayImport: /^resources\//, packages: /^(node:.+|tar)$/ },
  {
    name: 'end-to-end tests',
    holds: /^test\/e2e\//,
    mayImport: /^(test\/|electron\/api\/|resources\/)/,
    packages: /./,
  },
  { name: 'tests', holds: /^test\//, mayImport: /./, packages: /./ },
];

/** Buildings import only the buildings and packages of their row. */
export function crossedBuildings(modules: readonly Module[]): string[] {
  return forEachImport(modules, (module, each) => {
    const building = buildings.find((candidate) => candidate.holds.test(module.path));
    if (building === undefined) return `${module.path} stands in no building`;
    const allowed = each.target === null ? building.packages : building.mayImport;
    return allowed.test(each.target ?? each.source) ? null : `${module.path} (${building.name}) imports ${each.source}`;
  });
}

/** Rooms import downwards; peers on one floor meet in workflow/. */
export function climbedFloors(modules: readonly Module[]): string[] {
  return forEachImport(modules, (module, each) => {
    const from = roomOf(module.path);
    const to = each.target === null ? null : roomOf(each.target);
    if (from === null || to === null || from === to) return null;
    const [upper, lower] = [floorOf(from), floorOf(to)];
    if (upper === -1) return `${module.path} stands on no floor: add its room to the table`;
    if (lower === -1) return `${module.path} imports ${each.source}, which stands on no floor`;
    if (lower < upper) return null;
    return `${module.path} imports ${each.source}: ${to} is ${lower === upper ? 'a peer of' : 'above'} ${from}`;
  });
}

/** Each circle of imports at run time once, as a path that ends where it began. A driver may name the type of the table that names it. */
export function circles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const state = new Map<string, 'open' | 'closed'>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (!byPath.has(path)) return;
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
      return;
    }
    state.set(path, 'open');
    for (const each of byPath.get(path)?.imports ?? []) if (each.target !== null && !each.isTypeOnly) visit(each.target, [...trail, path]);
    state.set(path, 'closed');
  };
  for (const module of modules) visit(module.path, []);
  return found;
}

/** Only the shell, main and preload know Electron, and the double that stands in for it in tests. */
export function escapedElectron(modules: readonly Module[]): string[] {
  const allowed = /^(electron\/(shell\/|main\.ts$|preload\.ts$)|test\/support\/electron-double\/)/;
  return forEachImport(modules, (module, each) =>
    /^electron(\/|$)/.test(each.source) && !allowed.test(module.path) ? `${module.path} imports ${each.source}` : null,
  );
}

/** Only platform/ touches Node, the clock and native packages. Pure helpers of Node are fine anywhere in the engine. */
export function leakedPlatform(modules: readonly Module[]): string[] {
  const inside = modules.filter((module) => /^electron\/engine\/(?!platform\/)/.test(module.path));
  const imports = forEachImport(inside, (module, each) => {
    const isNative = /^node:(?!(path|util|buffer)$)|^(better-sqlite3|pg)$/.test(each.source);
    return isNative ? `${module.path} imports ${each.source}: only platform/ may` : null;
  });
  const clocks = inside.filter((module) => /\bnew Date\(\)|\bDate\.now\(|\bsetTimeout\(|\bprocess\.(env|pid|platform)\b/.test(module.text));
  return [...imports, ...clocks.map((module) => `${module.path} asks the clock or the process itself: only platform/ may`)];
}

/** A built-in of Node is named as one, and a file of ours with its ending: Node runs the sources as they are. */
export function looseSpecifiers(modules: readonly Module[], builtins: readonly string[]): string[] {
  return forEachImport(modules, (module, each) => {
    if (builtins.includes(each.source) && !each.source.startsWith('node:')) return `${module.path} imports '${each.source}' without node:`;
    return each.target === null || /\.(ts|tsx|json|css|svg|mjs|js)$/.test(each.target)
      ? null
      : `${module.path} imports '${each.source}' without its ending`;
  });
}

export function defaultExports(modules: readonly Module[]): string[] {
  const tools = /\.config\.ts$/;
  return modules
    .filter((module) => module.hasDefaultExport && !tools.test(module.path))
    .map((module) => `${module.path} has a default export`);
}

export function barrels(modules: readonly Module[]): string[] {
  return modules
    .filter((module) => module.isBarrel || module.exportsAll)
    .map((module) => `${module.path} ${module.isBarrel ? 'only exports what others made' : 'exports all of another file'}`);
}

/** Files that run before anything is served, where waiting is all there is to do. */
const startUp = ['electron/engine/platform/environment.ts', 'electron/moult.ts', 'electron/main.ts'];

/** Calls that block, for worker threads alone: there they hold nobody up. */
const blocking = 'electron/engine/platform/blocking-files.ts';

/** No call of the file system makes the process wait, except at start-up and in workers. */
export function synchronousFiles(modules: readonly Module[]): string[] {
  const inside = modules.filter(
    (module) => module.path.startsWith('electron/') && !startUp.includes(module.path) && module.path !== blocking,
  );
  const reached = trailOutsideWorkers(inside);
  const leaks = reached === null ? [] : [`${reached.join(' > ')} > ${blocking} blocks outside a worker`];
  const calls = inside.flatMap((module) => {
    const names = module.imports.filter((each) => /^node:fs$/.test(each.source)).flatMap((each) => each.names);
    const called = [...module.text.matchAll(/\bfs\.(\w+Sync)\(/g)].map((match) => match[1] ?? '');
    return [...names.filter((name) => name.endsWith('Sync')), ...called].map((name) => `${module.path} calls ${name}`);
  });
  return [...leaks, ...calls];
}

/** A way of imports from a file that nobody but a person or a tool starts to the calls that block; null where only workers reach them. */
function trailOutsideWorkers(modules: readonly Module[]): string[] | null {
  const importsOf = (module: Module) => module.imports.filter((each) => !each.isTypeOnly).map((each) => each.target);
  const imported = new Set(modules.flatMap(importsOf));
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const queue = modules.filter((module) => !imported.has(module.path) && !module.path.endsWith('-worker.ts')).map((module) => [module]);
  const seen = new Set<string>();
  for (const trail of queue) {
    const last = trail.at(-1);
    if (last === undefined || seen.has(last.path)) continue;
    seen.add(last.path);
    if (importsOf(last).includes(blocking)) return trail.map((module) => module.path);
    const next = importsOf(last).map((target) => byPath.get(target ?? ''));
    queue.push(...next.flatMap((module) => (module === undefined || module.path.endsWith('-worker.ts') ? [] : [[...trail, module]])));
  }
  return null;
}

/** Faces know each other only through transport/ and api/. */
export function entangledFaces(modules: readonly Module[]): string[] {
  return forEachImport(modules, (module, each) => {
    const from = faces.exec(module.path)?.[1];
    const to = faces.exec(each.target ?? '')?.[1];
    return from === undefined || to === undefined || from === to
      ? null
      : `${module.path} imports ${each.source}: ${from} and ${to} are faces`;
  });
}

/** Lines that are neither blank nor comment, at most 300; beyond, the file says why: a comment with the words "Long because". */
export function longFiles(modules: readonly Module[], most: number = 300): string[] {
  return modules
    .filter((module) => codeLines(module.text) > most && !/\bLong because\b/.test(module.text))
    .map((module) => `${module.path} has ${codeLines(module.text)} lines of code and gives no reason ("Long because …")`);
}

function codeLines(text: string): number {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

function forEachImport(modules: readonly Module[], judge: (module: Module, each: Import) => string | null): string[] {
  const breaches = modules.flatMap((module) => module.imports.map((each) => judge(module, each)));
  return [...new Set(breaches.filter((breach) => breach !== null))];
}

function roomOf(path: string): string | null {
  return /^electron\/engine\/([^/]+)/.exec(path)?.[1] ?? null;
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room));
}
