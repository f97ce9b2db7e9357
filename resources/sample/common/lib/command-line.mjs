/** The command line of Sprig Lite. Exit codes: 0 done, 1 a fault, 2 usage, 3 the datastore does not fit, 4 config or workspace, 5 port in use. */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { initialize, resetPassword } from './home.mjs';
import { readRelease } from './release.mjs';
import { Refusal } from './refusal.mjs';
import { serve } from './serve.mjs';

const usage = `Usage: sprig COMMAND

  init --home DIR [--port PORT]   write a first configuration, a login and a signing secret
  serve --home DIR                serve the notes on 127.0.0.1
  version [--json]                tell the release
  reset-password --home DIR       make a new password for the admin login
`;

const commands = {
  init: ({ home, port }) => initialize(needed(home), port === undefined ? undefined : Number(port)),
  serve: ({ home }) => serve(needed(home)),
  version: ({ json }) => {
    const release = readRelease();
    console.log(json ? JSON.stringify(release) : `sprig ${release.version} (build ${release.build})`);
  },
  'reset-password': ({ home }) => resetPassword(needed(home)),
};

/** Runs one command and returns the exit code. A server goes on running after it returned. */
export async function main(args) {
  // Whatever Sprig writes holds notes or secrets: nobody else on the machine may read it.
  process.umask(0o077);
  try {
    const { values, positionals } = parse(args);
    const name = positionals[0] ?? '';
    if (values.help) return print(usage);
    if (!Object.hasOwn(commands, name) || positionals.length > 1) throw new Refusal(2, `no command "${positionals.join(' ')}"\n\n${usage}`);
    await commands[name](values);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`sprig: ${error.message}`);
    return error.exitCode;
  }
}

function parse(args) {
  const options = { home: { type: 'string' }, port: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal(2, `${error.message}\n\n${usage}`);
  }
}

function needed(home) {
  if (home === undefined || home === '') throw new Refusal(2, `--home is missing\n\n${usage}`);
  return resolve(home);
}

function print(text) {
  console.log(text);
  return 0;
}
