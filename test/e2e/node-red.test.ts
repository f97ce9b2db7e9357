/**
 * The real thing: Node-RED from the npm registry, set up, given a flow, backed up, upgraded over a major release, rolled back, restored,
 * tampered with, begun anew and brought back. One test after the other on the same install.
 */
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Comparison, DriftReport, Plan, Receipt, Status } from '../../electron/api/models.ts';
import { leftovers } from '../support/leftovers.ts';
import { makeWorld } from '../support/moult.ts';
import { lacksServer } from '../support/prerequisite.ts';
import { backupShape, changeShape, driftShape, planShape, statusShape, verificationShape } from '../support/result-shapes.ts';
import { freePort } from '../support/sprig.ts';
import { stateOfPlaces } from '../support/tree-state.ts';

const [older, newer] = ['4.1.15', '5.0.7'];
const world = await makeWorld(afterAll);
const home = world.home('node-red');
const port = await freePort();
const backups = join(world.folder, 'backups');
let backupId = '';

/** `GET /hello` is answered with a text that a function node makes. */
const flows = [
  { id: 'tab1', type: 'tab', label: 'Hello' },
  {
    id: 'in1',
    type: 'http in',
    z: 'tab1',
    name: '',
    url: '/hello',
    method: 'get',
    upload: false,
    swaggerDoc: '',
    x: 100,
    y: 100,
    wires: [['fn1']],
  },
  {
    id: 'fn1',
    type: 'function',
    z: 'tab1',
    name: '',
    func: 'msg.payload = "hello from " + msg.req.query.who; return msg;',
    outputs: 1,
    x: 300,
    y: 100,
    wires: [['out1']],
  },
  { id: 'out1', type: 'http response', z: 'tab1', name: '', statusCode: '', headers: {}, x: 500, y: 100, wires: [] },
];

async function deploy(nodes: unknown[]): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'node-red-deployment-type': 'full' },
    body: JSON.stringify(nodes),
  });
  expect(answer.status).toBeLessThan(300);
}

async function hello(): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/hello?who=moult`, { headers: { connection: 'close' } });
  return { status: answer.status, text: await answer.text() };
}

async function version(): Promise<string> {
  return ((await (await fetch(`http://127.0.0.1:${port}/settings`)).json()) as { version: string }).version;
}

async function status(): Promise<Status> {
  const { result } = await world.must(['status', 'node-red']);
  statusShape.parse(result);
  return result as Status;
}

const answers = { status: 200, text: 'hello from moult' };
/** What npm installs takes its time where the registry is far away. */
const slow = { limit: 480 };

describe.skipIf(await lacksServer('https://registry.npmjs.org/node-red'))('the story of Node-RED', () => {
  test(`set up ${older}, and a flow`, async () => {
    const run = await world.must(['set-up', 'node-red', '--release', older, '--port', String(port), '--home', home], 0, slow);
    expect(changeShape.parse(run.result)).toMatchObject({ from: null, to: older, endState: 'new-and-healthy' });
    expect(await version()).toBe(older);
    await deploy(flows);
    await expect.poll(hello).toEqual(answers);
    await writeFile(join(home, 'mine.txt'), 'belongs to nobody\n');
    expect(await status()).toMatchObject({
      product: 'node-red',
      release: older,
      health: 'healthy',
      service: { state: 'running', port },
      interrupted: null,
    });
  });

  test('back up while it runs, and verify', async () => {
    const made = backupShape.parse((await world.must(['backup', 'node-red', '--output', join(backups, 'first.tar.zst')])).result);
    expect(made.downtimeSeconds).toBe(0);
    backupId = made.id;
    expect(verificationShape.parse((await world.must(['verify', made.path])).result)).toMatchObject({ verdict: 'unproven', problems: [] });
    expect(await hello()).toEqual(answers);
  });

  test('a drill proves the backup on a copy, in safe mode, beside the running one', async () => {
    const run = await world.must(['drill', 'node-red'], 0, slow);
    expect(run.result).toMatchObject({ backup: backupId, release: older, code: 'slot', verdict: 'proven' });
    expect((await world.must(['backups', 'node-red'])).result).toContainEqual(expect.objectContaining({ id: backupId, verdict: 'proven' }));
    expect(await hello()).toEqual(answers);
    expect(await readdir(join(world.env['MOULT_HOME'] ?? '', 'drills')).catch(() => [])).toEqual([]);
  });

  test(`plan ${newer}: the flows stay, the program is replaced`, async () => {
    const { result } = await world.must(['plan', 'node-red', '--to', newer]);
    planShape.parse(result);
    const plan = result as Plan;
    expect(plan).toMatchObject({ from: older, to: newer });
    expect(plan.path.at(-1)).toMatchObject({ release: newer, kind: 'major' });
    expect(Object.fromEntries(plan.items.map(({ item, fate }) => [item, fate]))).toMatchObject({
      workspace: 'preserve',
      settings: 'preserve',
      nodes: 'preserve',
      program: 'replace',
    });
    expect(plan.checks.filter(({ status: how }) => how === 'fail')).toEqual([]);
    expect(plan.checks).toContainEqual(expect.objectContaining({ check: 'node', status: 'pass' }));
    expect(plan.strays.map(({ path }) => path)).toContain(join(home, 'mine.txt'));
    expect(await version()).toBe(older);
  });

  test(`upgrade to ${newer}: the flow is there and runs`, async () => {
    const kept = await stateOfPlaces(home, ['flows.json', 'settings.js', 'mine.txt', 'package.json']);
    const run = await world.must(['upgrade', 'node-red', '--to', newer, '--yes'], 0, slow);
    expect(changeShape.parse(run.result)).toMatchObject({ from: older, to: newer, endState: 'new-and-healthy' });
    const { receipt } = run.result as { receipt: Receipt };
    for (const item of receipt.items.filter(({ fate }) => fate === 'preserve'))
      expect(item, item.item).toMatchObject({ unchanged: true, after: item.before });
    expect(await stateOfPlaces(home, ['flows.json', 'settings.js', 'mine.txt', 'package.json'])).toEqual(kept);
    expect(await version()).toBe(newer);
    await expect.poll(hello).toEqual(answers);
    expect(await status()).toMatchObject({ release: newer, health: 'healthy' });
    expect(await leftovers(world, home)).toEqual([]);
  });

  test('drift: none, then a file of the release that was changed', async () => {
    const clean = (await world.must(['drift', 'node-red'])).result as DriftReport;
    driftShape.parse(clean);
    expect(clean.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    const file = join(home, '.moult', 'slots', newer, 'node_modules', 'node-red', 'red.js');
    const text = await readFile(file, 'utf8');
    await appendFile(file, '// mine\n');
    const { findings } = (await world.must(['drift', 'node-red'], 4)).result as DriftReport;
    expect(findings.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual(['shipped-changed node_modules/node-red/red.js']);
    await writeFile(file, text);
    await world.must(['drift', 'node-red']);
  });

  test(`roll back to ${older}, with the flow`, async () => {
    const run = await world.must(['rollback', 'node-red', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: newer, to: older, endState: 'old-and-healthy' });
    expect(await version()).toBe(older);
    await expect.poll(hello).toEqual(answers);
    expect(await status()).toMatchObject({ release: older, health: 'healthy' });
  });

  test('restore brings back a flow that was thrown away', async () => {
    await deploy([]);
    await expect.poll(async () => (await hello()).status).toBe(404);
    const run = await world.must(['restore', 'node-red', '--input', backupId, '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: older, to: older, endState: 'new-and-healthy' });
    await expect.poll(hello).toEqual(answers);
    expect((await world.must(['backups', 'node-red'])).result).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: backupId, verdict: 'proven' })]),
    );
  });

  test('one file comes back alone; what was written since is told and exported', async () => {
    const [first, ...rest] = flows;
    await deploy([{ ...first, label: 'Another' }, ...rest.filter(({ id }) => id !== 'in1')]);
    await expect.poll(async () => (await hello()).status).toBe(404);
    await writeFile(
      join(home, 'package.json'),
      `${JSON.stringify({ ...JSON.parse(await readFile(join(home, 'package.json'), 'utf8')), mine: true })}\n`,
    );
    const seen = (await world.must(['compare', 'node-red', '--input', backupId])).result as Comparison;
    expect(seen.files.map(({ file, change }) => `${change} ${file}`)).toEqual(
      expect.arrayContaining(['changed flows.json', 'changed package.json']) as string[],
    );
    const since = join(world.folder, 'since');
    await world.must(['export', 'node-red', '--input', backupId, '--output', since]);
    expect(await readFile(join(since, 'files/flows.json'), 'utf8')).toContain('Another');
    const out = join(world.folder, 'out');
    await world.must(['restore', '--input', backupId, '--file', 'flows.json', '--output', out]);
    expect(await readFile(join(out, 'workspace/flows.json'), 'utf8')).toContain('Hello');
    expect((await hello()).status).toBe(404);
    const run = await world.must(['restore', 'node-red', '--input', backupId, '--file', 'flows.json', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: older, to: older, endState: 'new-and-healthy' });
    await expect.poll(hello).toEqual(answers);
    expect(await readFile(join(home, 'package.json'), 'utf8')).toContain('"mine":true');
  });

  test('credentials do not go back beside a secret that cannot open them', async () => {
    const request = {
      id: 'req1',
      type: 'http request',
      z: 'tab1',
      name: '',
      method: 'GET',
      url: 'http://127.0.0.1:1',
      x: 500,
      y: 200,
      wires: [[]],
    };
    await deploy([...flows, { ...request, credentials: { user: 'ada', password: 'open-sesame' } }]);
    const known = async () => (await fetch(`http://127.0.0.1:${port}/credentials/http-request/req1`)).json() as Promise<{ user?: string }>;
    await expect.poll(known).toMatchObject({ user: 'ada' });
    const { path } = backupShape.parse((await world.must(['backup', 'node-red', '--output', join(backups, 'sealed.tar.zst')])).result);
    await world.must(['stop', 'node-red']);
    const runtime = join(home, '.config.runtime.json');
    const secret = /"_credentialSecret":\s*"[^"]+"/;
    const before = await readFile(runtime, 'utf8');
    expect(before).toMatch(secret);
    await writeFile(runtime, before.replace(secret, `"_credentialSecret": "${'0f'.repeat(32)}"`));
    const refused = await world.must(['restore', 'node-red', '--input', path, '--item', 'credentials', '--yes'], 3);
    expect(refused.error).toMatchObject({ code: 'foreign-secrets' });
    const way = ['restore', 'node-red', '--input', path, '--item', 'credentials', '--item', 'credential-secret', '--yes'];
    expect(refused.error?.remedy?.command).toContain('--item credentials --item credential-secret');
    await world.must(way);
    await world.must(['start', 'node-red']);
    await expect.poll(known).toMatchObject({ user: 'ada' });
    await expect.poll(hello).toEqual(answers);
  });

  test('onto a machine without it, from nothing but the file', async () => {
    const made = backupShape.parse((await world.must(['backup', 'node-red', '--output', join(backups, 'all.tar.zst')])).result);
    await world.must(['stop', 'node-red']);
    const other = await makeWorld(onTestFinished);
    const there = other.home('node-red');
    const run = await other.must(['restore', '--input', made.path, '--home', there, '--yes'], 0, slow);
    expect(changeShape.parse(run.result)).toMatchObject({ from: null, to: older, endState: 'new-and-healthy' });
    await expect.poll(hello).toEqual(answers);
    expect((await other.must(['status', 'node-red'])).result).toMatchObject({ home: there, release: older, health: 'healthy' });
    await other.must(['stop', 'node-red']);
    await world.must(['start', 'node-red']);
    await expect.poll(hello).toEqual(answers);
  });

  test('fresh start: the flow is gone; undo: it is back', async () => {
    const run = await world.must(['fresh-start', 'node-red', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: older, to: older, endState: 'new-and-healthy' });
    expect((await hello()).status).toBe(404);
    expect(await version()).toBe(older);
    expect(await readFile(join(home, 'mine.txt'), 'utf8')).toBe('belongs to nobody\n');
    await world.must(['undo', 'node-red', '--yes']);
    await expect.poll(hello).toEqual(answers);
    expect(await status()).toMatchObject({ release: older, health: 'healthy' });
  });

  test('nothing is left running or lying about', async () => {
    await world.must(['stop', 'node-red']);
    expect(await world.processes()).toEqual([]);
    expect(await leftovers(world, home)).toEqual([]);
    expect((await readdir(world.person)).filter((name) => name !== '.npm')).toEqual([]);
  });
});
