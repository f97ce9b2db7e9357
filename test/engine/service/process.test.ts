import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Failure } from '../../../electron/api/failure.ts';
import { environmentWithout } from '../../../electron/engine/platform/environment.ts';
import { freePort, isPortFree } from '../../../electron/engine/platform/network.ts';
import { startOf } from '../../../electron/engine/platform/processes.ts';
import { serviceDriver, type ServiceTarget } from '../../../electron/engine/service/driver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const stub = fileURLToPath(new URL('../../support/stub-service.ts', import.meta.url));
const starter = fileURLToPath(new URL('../../support/service-starter.ts', import.meta.url));
const driver = serviceDriver('process');

test('a service starts, is found, and stops with its port free again', async () => {
  const port = await freePort();
  const target = await targetOf(['serve', String(port)], { port });
  const running = await started(target);
  expect(running).toMatchObject({ release: '1.0.0' });
  expect(await driver.find(target)).toEqual(running);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
  const stopped = await driver.stop(target);
  expect(stopped).toMatchObject({ wasRunning: true, killed: false });
  expect(stopped.seconds).toBeLessThan(3);
  expect(await startOf(running.pid)).toBeNull();
  expect(await isPortFree(port)).toBe(true);
  expect(await driver.find(target)).toBeNull();
  await expect(stat(target.state)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('its log and its record can only be read by their owner', async () => {
  const target = await targetOf(['stay']);
  await mkdir(join(target.log, '..'), { recursive: true });
  await writeFile(target.log, 'before\n');
  await chmod(target.log, 0o644);
  await started(target);
  expect((await stat(target.log)).mode & 0o777).toBe(0o600);
  expect((await stat(target.state)).mode & 0o777).toBe(0o600);
  expect(await readFile(target.log, 'utf8')).toBe('before\nready\n');
  expect(await readFile(target.state, 'utf8')).not.toContain(target.command[1]);
});

test('a second start of the same is the same service; of another release it is refused', async () => {
  const target = await targetOf(['stay']);
  const first = await started(target);
  expect(await driver.start({ ...target, env: { ...target.env, TERM: 'other' } })).toEqual(first);
  const refusal = await failureOf(driver.start({ ...target, release: '2.0.0' }));
  expect(refusal).toMatchObject({ code: 'service-failed', details: { pid: first.pid, release: '1.0.0' } });
  expect((await failureOf(driver.start({ ...target, command: [...target.command, '--more'] }))).code).toBe('service-failed');
  expect(await driver.find(target)).toEqual(first);
});

test('stopping what does not run is fine', async () => {
  const target = await targetOf(['stay']);
  expect(await driver.stop(target)).toEqual({ wasRunning: false, killed: false, seconds: 0 });
});

test('what ignores its stop signal is killed after its grace, with its children', async () => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['stubborn', file], { grace: '400ms' });
  const running = await started(target);
  const child = Number(await readFile(file, 'utf8'));
  const notes: string[] = [];
  const stopped = await driver.stop(target, { onNote: (text) => notes.push(text) });
  expect(stopped).toMatchObject({ wasRunning: true, killed: true });
  expect(stopped.seconds).toBeGreaterThan(0.39);
  expect(stopped.seconds).toBeLessThan(4);
  expect(notes).toEqual([expect.stringContaining('killed')]);
  expect([await startOf(running.pid), await startOf(child)]).toEqual([null, null]);
});

test('what ends within its grace is not killed', async () => {
  const target = await targetOf(['slow', '300'], { grace: '20s' });
  await started(target);
  const stopped = await driver.stop(target);
  expect(stopped).toMatchObject({ wasRunning: true, killed: false });
  expect(stopped.seconds).toBeGreaterThan(0.29);
});

test('a child that its parent leaves behind gets the signal and the time to end too', async () => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['abandon', file], { grace: '20s' });
  await started(target);
  const child = Number(await readFile(file, 'utf8'));
  const stopped = await driver.stop(target);
  expect(stopped).toMatchObject({ wasRunning: true, killed: false });
  expect(stopped.seconds).toBeGreaterThan(0.19);
  expect(await startOf(child)).toBeNull();
});

test('a child in a session of its own is stopped as well', async () => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['daemon', file], { grace: '5s' });
  await started(target);
  const child = Number(await readFile(file, 'utf8'));
  expect(await startOf(child)).not.toBeNull();
  expect(await driver.stop(target)).toMatchObject({ wasRunning: true });
  expect(await startOf(child)).toBeNull();
});

test.each(['stop', 'start'] as const)('what a crashed product left behind is ended by the next %s', async (action) => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['daemon', file], { grace: '5s' });
  const running = await started(target);
  const child = Number(await readFile(file, 'utf8'));
  process.kill(running.pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await driver.find(target)).toBeNull());
  expect(await startOf(child)).not.toBeNull();
  await driver[action](target);
  expect(await startOf(child)).toBeNull();
});

test('a crash right after the start is told with its exit code and its last words, without secrets', async () => {
  const target = await targetOf(['crash', '0']);
  const failure = await failureOf(driver.start({ ...target, env: { ...target.env, API_TOKEN: 'tok-12345678' } }));
  expect(failure).toMatchObject({
    code: 'service-failed',
    remedy: { action: 'open-log' },
    details: { code: 7, log: ['fatal: cannot read the token ***'] },
  });
  expect(failure.message).toContain('exit code 7');
  expect(failure.message).toContain('cannot read the token ***');
  expect(`${failure.message} ${JSON.stringify(failure.details)} ${failure.remedy?.text}`).not.toContain('tok-12345678');
  expect(await driver.find(target)).toBeNull();
});

test('a crash tells only what this run printed', async () => {
  const target = await targetOf(['crash', '0']);
  await mkdir(join(target.log, '..'), { recursive: true });
  await writeFile(target.log, 'an old line\n');
  const failure = await failureOf(driver.start(target));
  expect(failure.details?.['log']).toEqual([expect.stringContaining('fatal')]);
});

test('a service that dies after a while is no longer found, and its end is known', async () => {
  const target = await targetOf(['crash', '700']);
  const running = await driver.start(target);
  expect(await driver.find(target)).toEqual(running);
  await vi.waitFor(async () => expect(await driver.find(target)).toBeNull(), { timeout: 5000, interval: 50 });
  await vi.waitFor(async () => expect(await driver.lastWords(target)).toMatchObject({ code: 7, ending: 'it ended with exit code 7' }));
});

test('a program or folder that is not there is told', async () => {
  const target = await targetOf(['stay']);
  const noProgram = await failureOf(driver.start({ ...target, command: [join(target.folder, 'nothing')] }));
  expect(noProgram).toMatchObject({ code: 'service-failed' });
  expect(noProgram.message).toContain('no such program');
  const noFolder = await failureOf(driver.start({ ...target, folder: join(target.folder, 'gone') }));
  expect(noFolder.message).toContain('gone is missing');
  await expect(stat(target.state)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a port that somebody else uses is refused before anything runs', async () => {
  const foreign = createServer();
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void foreign.close());
  const port = (foreign.address() as { port: number }).port;
  const target = await targetOf(['serve', String(port)], { port });
  expect(await failureOf(driver.start(target))).toMatchObject({ code: 'port-in-use', details: { port } });
  await expect(stat(target.log)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a product that still answers on its port after its end is not called stopped', { timeout: 20_000 }, async () => {
  const target = await targetOf(['stay'], { port: await freePort() });
  await started(target);
  const escaped = createServer();
  await new Promise<void>((resolve) => escaped.listen(target.port as number, '127.0.0.1', resolve));
  onTestFinished(() => void escaped.close());
  expect(await failureOf(driver.stop(target))).toMatchObject({ code: 'service-failed', details: { port: target.port } });
});

test('a variable of this process that is stripped is not passed on', async () => {
  process.env['SPRIG_DEBUG'] = '1';
  process.env['KEPT_FOR_TEST'] = '1';
  onTestFinished(() => void (delete process.env['SPRIG_DEBUG'], delete process.env['KEPT_FOR_TEST']));
  const target = await targetOf(['environment']);
  await started({ ...target, env: environmentWithout(['SPRIG_*']) });
  const env = JSON.parse((await readFile(target.log, 'utf8')).split('\n')[0] as string) as Record<string, string>;
  expect(env['KEPT_FOR_TEST']).toBe('1');
  expect(env).not.toHaveProperty('SPRIG_DEBUG');
});

test('a reused pid is neither taken for the service nor stopped', async () => {
  const target = await targetOf(['stay']);
  const running = await started(target);
  const record = JSON.parse(await readFile(target.state, 'utf8')) as Record<string, unknown>;
  const bystander = spawn(process.execPath, [stub, 'stay'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void bystander.kill('SIGKILL'));
  await driver.stop(target);
  await writeFile(target.state, JSON.stringify({ ...record, pid: bystander.pid }));
  expect(await driver.find(target)).toBeNull();
  expect(await driver.signalAll(target, 'SIGTERM')).toBe(0);
  expect(await driver.stop(target)).toMatchObject({ wasRunning: false });
  expect(await startOf(bystander.pid as number)).not.toBeNull();
  expect(running.pid).not.toBe(bystander.pid);
  await expect(stat(target.state)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a record with nonsense in it is nobody, and is cleaned by the next start', async () => {
  const target = await targetOf(['stay']);
  await mkdir(join(target.state, '..'), { recursive: true });
  for (const text of ['', '{', 'null', '[]', '{"format":1,"pid":1}', '{"format":1,"pid":-1,"mark":""}']) {
    await writeFile(target.state, text);
    expect(await driver.find(target)).toBeNull();
    expect(await driver.stop(target)).toMatchObject({ wasRunning: false });
  }
  await writeFile(target.state, '{');
  expect(await driver.find(target)).toBeNull();
  const running = await started(target);
  expect(await driver.find(target)).toEqual(running);
});

test('a record of a newer format is refused', async () => {
  const target = await targetOf(['stay']);
  await mkdir(join(target.state, '..'), { recursive: true });
  await writeFile(target.state, '{"format":2}');
  expect(await failureOf(driver.find(target))).toMatchObject({ code: 'newer-format', remedy: { action: 'upgrade-moult' } });
  expect((await failureOf(driver.start(target))).code).toBe('newer-format');
});

test.runIf(process.platform === 'linux')('a service that a killed Moult had just started is found by its mark', async () => {
  const target = await targetOf(['stay']);
  const running = await started(target);
  const record = JSON.parse(await readFile(target.state, 'utf8')) as Record<string, unknown>;
  await writeFile(target.state, JSON.stringify({ ...record, pid: null, start: null }));
  expect(await driver.find(target)).toEqual(running);
  expect(await driver.stop(target)).toMatchObject({ wasRunning: true });
  expect(await startOf(running.pid)).toBeNull();
});

test('a service survives the one that started it, and another process finds and stops it', async () => {
  const target = await targetOf(['stay']);
  const parent = spawn(process.execPath, [starter, JSON.stringify(target)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => void (await driver.stop(target)));
  let said = '';
  parent.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await new Promise((resolve) => parent.once('close', resolve))).toBe(0);
  const { pid } = JSON.parse(said) as { pid: number };
  await sleep(100);
  expect(await driver.find(target)).toMatchObject({ pid, release: '1.0.0' });
  expect(await driver.stop(target)).toMatchObject({ wasRunning: true, killed: false });
  expect(await startOf(pid)).toBeNull();
});

test('a signal for all reaches the whole service', async () => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['daemon', file]);
  await started(target);
  expect(await driver.signalAll(target, 'SIGKILL')).toBe(2);
  // Killed is not gone yet: the two end in any order, each when it gets to run.
  const soon = { timeout: 5000, interval: 20 };
  await vi.waitFor(async () => expect(await startOf(Number(await readFile(file, 'utf8')))).toBeNull(), soon);
  await vi.waitFor(async () => expect(await driver.find(target)).toBeNull(), soon);
});

test('a log that has grown too long is set aside when the service starts', async () => {
  const target = await targetOf(['stay']);
  await mkdir(join(target.log, '..'), { recursive: true });
  await writeFile(target.log, Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
  await started(target);
  expect(await readFile(target.log, 'utf8')).toBe('ready\n');
  expect((await stat(`${target.log}.1`)).size).toBe(10 * 1024 * 1024 + 1);
});

test('a stop that is aborted throws the reason and can be repeated', async () => {
  const file = join(await temporaryFolder('pid'), 'child');
  const target = await targetOf(['stubborn', file], { grace: '20s' });
  await started(target);
  const reason = new Error('cancelled by a person');
  await expect(driver.stop(target, { signal: abortAfter(100, reason) })).rejects.toBe(reason);
  expect(await driver.find(target)).not.toBeNull();
  const impatient = { ...target, spec: { ...target.spec, stop: { ...target.spec.stop, grace: '100ms' } } };
  expect(await driver.stop(impatient)).toMatchObject({ wasRunning: true, killed: true });
});

function abortAfter(milliseconds: number, reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), milliseconds);
  return controller.signal;
}

async function targetOf(stubArguments: string[], more: { port?: number; grace?: string } = {}): Promise<ServiceTarget> {
  const home = await temporaryFolder('service');
  const target: ServiceTarget = {
    spec: {
      driver: 'process',
      command: ['{node}'],
      folder: '{home}',
      env: {},
      strip: [],
      stop: { signal: 'SIGTERM', grace: more.grace ?? '10s' },
      log: 'logs/stub.log',
    },
    command: [process.execPath, stub, ...stubArguments],
    folder: home,
    env: environmentWithout(['VITEST*', 'NODE_OPTIONS']),
    log: join(home, 'logs', 'stub.log'),
    state: join(home, '.moult', 'service.json'),
    release: '1.0.0',
    port: more.port ?? null,
  };
  onTestFinished(async () => {
    await driver.signalAll(target, 'SIGKILL').catch(() => 0);
  });
  return target;
}

/** Starts and waits until the stub has set itself up. */
async function started(target: ServiceTarget): Promise<Awaited<ReturnType<typeof driver.start>>> {
  const running = await driver.start(target);
  await vi.waitFor(async () => expect(await readFile(target.log, 'utf8')).toMatch(/ready\n$/), { timeout: 8000, interval: 20 });
  return running;
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as Failure,
  );
}
