import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { suiteFolder } from '../support/temporary-folder.ts';

/** What stands in for the command line: tells what reached it, and ends as it is told. */
const standIn = `
const [how, ...rest] = process.argv.slice(2);
if (how === 'wait') {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(130); });
  setInterval(() => undefined, 1000);
}
console.log(JSON.stringify({ rest, node: process.versions.node }));
if (how === 'exit') process.exit(Number(rest[0]));
if (how === 'die') process.kill(process.pid, 'SIGKILL');
if (how === 'echo') process.stdin.pipe(process.stdout);
`;

/** Makes the Node that runs the launcher look like an old one; the Node that the launcher starts is not touched. */
const looksOld = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`;

const folder = await suiteFolder('launcher');

beforeAll(async () => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('../../electron/moult.ts', import.meta.url)),
    platform: 'node',
    external: ['./cli.js'],
    plugins: [{ name: 'beside', resolveId: (source) => (source === './cli.ts' ? { id: './cli.js', external: true } : null) }],
    transform: { target: 'node20', define: { 'process.env.MOULT_VERSION': '"9.8.7"' } },
  });
  await bundle.write({ dir: join(folder, 'dist'), format: 'esm', entryFileNames: 'moult.js' });
  await bundle.close();
  await chmod(join(folder, 'dist', 'moult.js'), 0o755);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
});

beforeEach(async () => {
  await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  await writeFile(join(folder, 'dist', 'cli.js'), standIn);
});

async function bringNode(): Promise<void> {
  const bin = join(folder, 'node_modules', 'node', 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(process.execPath, join(bin, 'node'));
}

function launch(typed: string[], options: { old: boolean }) {
  const child = spawn(process.execPath, [...(options.old ? ['--import', looksOld] : []), join(folder, 'dist', 'moult.js'), ...typed], {
    stdio: 'pipe',
  });
  const read = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (read.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (read.errors += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, read, ended };
}

it.each(['--version', '-V'])('%s answers without anything else, on an old Node too', async (flag) => {
  await rm(join(folder, 'dist', 'cli.js'));
  const { read, ended } = launch([flag], { old: true });
  expect(await ended).toEqual([0, null]);
  expect(read.output).toBe('9.8.7\n');
});

it('runs the command line in the same process where Node is new enough', async () => {
  const { read, ended } = launch(['exit', '7', 'a b'], { old: false });
  expect(await ended).toEqual([7, null]);
  expect(JSON.parse(read.output)).toMatchObject({ rest: ['7', 'a b'] });
});

it('runs it with the Node that came along where it is not, and passes the exit code on', async () => {
  await bringNode();
  const { read, ended } = launch(['exit', '7', 'a b'], { old: true });
  expect(await ended).toEqual([7, null]);
  expect(JSON.parse(read.output)).toEqual({ rest: ['7', 'a b'], node: process.versions.node });
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on', async (signal) => {
  await bringNode();
  const { child, read, ended } = launch(['wait'], { old: true });
  await once(child.stdout, 'data');
  child.kill(signal);
  expect(await ended).toEqual([130, null]);
  expect(read.output.trimEnd().split('\n').at(-1)).toBe(signal);
});

it('dies of the signal that the command line died of', async () => {
  await bringNode();
  const { ended } = launch(['die'], { old: true });
  expect(await ended).toEqual([null, 'SIGKILL']);
});

it('hands the input on', async () => {
  await bringNode();
  const { child, read, ended } = launch(['echo'], { old: true });
  child.stdin.end('typed\n');
  await ended;
  expect(read.output).toContain('typed\n');
});

it('says what is missing where there is no newer Node', async () => {
  const { read, ended } = launch(['list'], { old: true });
  expect(await ended).toEqual([3, null]);
  expect(read.errors).toContain('Moult needs Node 24 or newer, and this is Node 20.20.2.');
  expect(read.output).toBe('');
});

it('says so in JSON when asked', async () => {
  const { read, ended } = launch(['list', '--json'], { old: true });
  expect(await ended).toEqual([3, null]);
  expect(JSON.parse(read.output)).toMatchObject({ ok: false, error: { code: 'unsupported' } });
  expect(read.errors).toBe('');
});
