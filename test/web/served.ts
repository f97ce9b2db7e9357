/** A server on the fake engine for one test, with small screens and a browser that is already in. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serve, type WebOptions, type WebServer } from '../../electron/web/serve.ts';
import { type FakeEngine, fakeEngine } from '../support/fake-engine.ts';
import { type RawAnswer, rawRequest, type RawRequest } from '../support/raw-http.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export interface Served {
  server: WebServer;
  engine: FakeEngine;
  /** The folder above the screens; `secret.txt` lies in it. */
  folder: string;
  cookie: string;
  origin: string;
  /** A request of somebody who was let in. */
  ask(request?: RawRequest): Promise<RawAnswer>;
  /** A call as Moult's own page makes it. */
  call(method: string, input: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
}

export async function served(options: Partial<WebOptions> = {}): Promise<Served> {
  const folder = await temporaryFolder('web');
  const files = await writeScreens(folder);
  const engine = fakeEngine();
  const server = await serve(engine, { version: '0.0.0-test', files, port: 0, ...options });
  onTestFinished(() => server.close());
  const token = new URL(server.address).search;
  const letIn = await rawRequest(server.port, { path: `/${token}` });
  const cookie = (letIn.headers['set-cookie'] ?? '').split(';')[0] ?? '';
  const ask = (request: RawRequest = {}) => rawRequest(server.port, { ...request, headers: { cookie, ...request.headers } });
  const call = (method: string, input: unknown, headers: Record<string, string> = {}) =>
    ask({
      method: 'POST',
      path: `/api/${method}`,
      headers: { origin: server.origin, 'content-type': 'application/json', ...headers },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    });
  return { server, engine, folder, cookie, origin: server.origin, ask, call };
}

async function writeScreens(folder: string): Promise<string> {
  const files = join(folder, 'screens');
  await mkdir(join(files, 'assets'), { recursive: true });
  await writeFile(
    join(files, 'index.html'),
    '<!doctype html><title>Moult</title><script type="module" src="./assets/main-abc123.js"></script>',
  );
  await writeFile(join(files, 'assets', 'main-abc123.js'), 'document.title = "ran";');
  await writeFile(join(files, '.hidden'), 'secret');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(files, 'link.txt'));
  await symlink(folder, join(files, 'out'));
  return files;
}
