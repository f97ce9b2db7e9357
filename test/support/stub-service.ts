/**
 * A product that does what a test wants: `stub-service MODE [ARGUMENT]`. It says `ready` when it has set itself up.
 * serve PORT · stay · stubborn FILE (it and its child ignore SIGTERM; the child's pid goes into FILE) · slow MS (ends that long after SIGTERM)
 * daemon FILE (its child has a session of its own) · abandon FILE (ends at once at SIGTERM, its child needs 200 ms) · crash MS (exit code 7) · environment
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const [mode = 'stay', argument = ''] = process.argv.slice(2);
const stay = () => setInterval(() => undefined, 1000);

const modes: Record<string, () => void> = {
  serve: () => {
    const server = createServer((_, answer) => answer.end('hello'));
    process.on('SIGTERM', () => (server.close(() => process.exit(0)), server.closeAllConnections()));
    server.listen(Number(argument), '127.0.0.1', ready);
  },
  stay: () => (stay(), ready()),
  stubborn: () => (process.on('SIGTERM', () => undefined), withChild('ignore', false), stay()),
  ignore: () => (process.on('SIGTERM', () => undefined), stay(), childReady()),
  slow: () => (
    process.on('SIGTERM', () => setTimeout(() => process.exit(0), Number(argument))),
    stay(),
    process.send ? childReady() : ready()
  ),
  daemon: () => (withChild('stay-child', true), stay()),
  'stay-child': () => (stay(), childReady()),
  abandon: () => (withChild('slow', false, '200'), stay()),
  crash: () => {
    console.error(`fatal: cannot read the token ${process.env['API_TOKEN'] ?? ''}`);
    setTimeout(() => process.exit(7), Number(argument));
  },
  environment: () => (console.log(JSON.stringify(process.env)), stay(), ready()),
};

modes[mode]?.();

function ready(): void {
  console.log('ready');
}

function childReady(): void {
  process.send?.('ready');
  process.disconnect?.();
}

function withChild(childMode: string, detached: boolean, childArgument = ''): void {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), childMode, childArgument], {
    detached,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.once('message', () => {
    writeFileSync(argument, String(child.pid));
    child.unref();
    ready();
  });
}
