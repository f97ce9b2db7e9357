// The command line of the stand-in, with the anatomy of Leoflow Lite: layout, keys, database, verbs, exit codes and texts as
// the releases have them. `release.ts` puts a release's own values and its migrations in the place of RELEASE below.
// oxlint-disable max-lines -- Long because it is one program, as the real one is one binary.
import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const release = /* RELEASE */ {};
// Since 0.5.0 it is called Dexaflow: where there is only the old folder the new name becomes a link to it; of two real ones the new one wins.
function findHome() {
  const [old, renamed] = [join(homedir(), '.leoflow'), join(homedir(), '.dexaflow')];
  if (!release.dexaflow) return old;
  if (!existsSync(renamed) && existsSync(old)) symlinkSync('.leoflow', renamed);
  return renamed;
}

const name = release.dexaflow ? 'dexaflow' : 'leoflow';
const home = findHome();
const pgdata = join(home, 'pgdata');
const pgBin = join(home, 'postgres', 'bin');
const configFile = join(home, 'config.yaml');
// Where Docker runs the database: everything is named for the home's path as it is written.
const project = `leoflow-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
const volume = `${project}_leoflow_pgdata`;
const container = `${project}-postgres-1`;
const top = Math.max(...Object.keys(release.migrations).map((name) => Number(/^\d+/.exec(name)?.[0])));

function fail(text, code = 1) {
  process.stderr.write(`Error: ${text}\n`);
  process.exit(code);
}

function refuseExpired() {
  if (release.expires === null || Date.now() < Date.parse(release.expires) || process.env.LEOFLOW_IGNORE_EXPIRY === '1') return;
  fail(
    `this alpha build expired on ${release.expires.slice(0, 10)}; download a newer release at https://github.com/neochaotic/leoflow/releases (or set LEOFLOW_IGNORE_EXPIRY=1 to override)`,
  );
}

// Flat YAML, which is all that config.yaml is; LEOFLOW_<KEY> goes before it, and DEXAFLOW_<KEY> before that.
function readConfig() {
  if (!existsSync(configFile)) fail(`no config at ${configFile}; run \`leoflow setup\` first`);
  const config = {};
  for (const line of readFileSync(configFile, 'utf8').split('\n')) {
    const match = /^([a-z_]+): *"?([^"\n]*?)"? *$/.exec(line);
    if (match) config[match[1]] = match[2];
  }
  for (const key of Object.keys(config))
    config[key] = process.env[`DEXAFLOW_${key.toUpperCase()}`] ?? process.env[`LEOFLOW_${key.toUpperCase()}`] ?? config[key];
  return config;
}

function setup() {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  for (const [name, text] of [
    ['pysrc/parser.py', `# parser of ${release.version}\n`],
    ['assets/monaco/loader.js', '// monaco\n'],
  ]) {
    mkdirSync(join(home, dirname(name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  if (!existsSync(join(home, 'python'))) {
    mkdirSync(join(home, 'python', 'bin'), { recursive: true });
    writeFileSync(join(home, 'python', 'bin', 'python3.11'), '#!/bin/sh\n', { mode: 0o755 });
  }
  const port = Number(process.env.LEOFLOW_LITE_PORT ?? 8088);
  const workspace = process.env.LEOFLOW_WORKSPACE ?? join(homedir(), existsSync(join(homedir(), 'leoflow')) ? 'leoflow' : name);
  if (!existsSync(configFile)) {
    const password = process.env.LEOFLOW_ADMIN_PASSWORD ?? randomBytes(9).toString('base64url');
    const lines = [
      `parser_cmd: ${join(home, 'python', 'bin', 'python3.11')} ${join(home, 'pysrc', 'parser.py')}`,
      `workspace: ${workspace}`,
      'lite_executor: subprocess',
      `lite_port: ${port}`,
      'admin_email: admin@leoflow.local',
      `admin_password_hash: "${hashOf(password)}"`,
      ...(release.jwt ? [`jwt_secret: ${randomBytes(32).toString('hex')}`] : []),
    ];
    writeFileSync(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
    mkdirSync(workspace, { recursive: true });
    process.stdout.write(`Admin login: admin@leoflow.local / ${password}\n`);
  }
  const notes = {
    python: '3.11',
    workspace,
    tier: 'lite',
    os: process.platform,
    arch: process.arch,
    executor: 'subprocess',
    port,
    admin_email: 'admin@leoflow.local',
    updated_at: new Date().toISOString(),
  };
  writeFileSync(join(home, 'setup.json'), `${JSON.stringify(notes, null, 2)}\n`, { mode: 0o600 });
}

function hashOf(password, salt = randomBytes(8).toString('hex')) {
  return `$2s$${salt}$${scryptSync(password, salt, 24).toString('hex')}`;
}

function installPostgres() {
  if (existsSync(join(pgBin, 'postgres'))) return;
  mkdirSync(pgBin, { recursive: true });
  for (const name of readdirSync(release.postgres)) symlinkSync(join(release.postgres, name), join(pgBin, name));
}

let database = { bin: pgBin, env: { PGUSER: 'leoflow', PGHOST: pgdata } };

function pg(tool, args, input) {
  const done = spawnSync(join(database.bin, tool), args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, ...database.env },
    maxBuffer: 1 << 30,
  });
  return { ok: done.status === 0, out: done.stdout ?? '', err: done.stderr ?? '', code: done.status };
}

function sql(text, into = 'leoflow_dev') {
  return pg('psql', ['--no-psqlrc', '-qAtX', '--set=ON_ERROR_STOP=1', '-d', into], text);
}

function startPostgres() {
  installPostgres();
  if (join(pgdata, '.s.PGSQL.5432').length > 100) fail(`socket path too long: ${pgdata}`);
  mkdirSync(join(home, 'dev', 'logs'), { recursive: true });
  if (!existsSync(join(pgdata, 'PG_VERSION'))) {
    const made = pg('initdb', ['-D', pgdata, '-U', 'leoflow', '--auth=trust', '--encoding=UTF8', '--no-sync']);
    if (!made.ok) fail(`initdb failed: ${made.err}`);
    const settings = `\nlisten_addresses = ''\nunix_socket_directories = '${pgdata}'\n`;
    writeFileSync(join(pgdata, 'postgresql.conf'), readFileSync(join(pgdata, 'postgresql.conf'), 'utf8') + settings);
  }
  const isUp = pg('pg_ctl', ['-D', pgdata, 'status']).ok;
  if (!isUp) {
    // Its output goes to a file, or the pipe would be held open for as long as it runs.
    const started = spawnSync(join(pgBin, 'pg_ctl'), ['-D', pgdata, '-l', join(home, 'dev', 'postgres.log'), '-w', '-t', '60', 'start'], {
      stdio: 'ignore',
    });
    if (started.status !== 0) fail(`starting managed Postgres: pg_ctl exited with ${started.status}`);
  }
  if (sql("SELECT 1 FROM pg_database WHERE datname = 'leoflow_dev'", 'postgres').out.trim() === '')
    sql('CREATE DATABASE leoflow_dev', 'postgres');
}

function docker(...args) {
  const done = spawnSync('docker', args, { encoding: 'utf8' });
  return { ok: done.status === 0, out: (done.stdout ?? '').trim(), err: (done.stderr ?? '').trim() };
}

// As `docker compose up -d postgres` does, without Compose: the volume and the container with its names and labels.
async function startDocker() {
  const compose = join(home, 'docker-compose.yaml');
  if (!existsSync(compose)) writeFileSync(compose, `services:\n  postgres:\n    image: ${release.image}\nvolumes:\n  leoflow_pgdata: {}\n`);
  const portFile = join(home, 'dev', 'db-port');
  mkdirSync(dirname(portFile), { recursive: true });
  let port = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 5432;
  if (!existsSync(portFile)) {
    while (!(await isFree(port))) port += 1;
    writeFileSync(portFile, String(port), { mode: 0o600 });
  }
  const label = (name, value) => ['--label', `com.docker.compose.${name}=${value}`];
  if (!docker('volume', 'inspect', volume).ok)
    docker('volume', 'create', ...label('project', project), ...label('volume', 'leoflow_pgdata'), volume);
  // Compose makes a container anew whose ports are to be others.
  const there = docker('inspect', '--format', '{{index .Config.Labels "port"}}', container);
  if (there.ok && there.out !== String(port)) docker('rm', '--force', container);
  const started =
    there.ok && there.out === String(port)
      ? docker('start', container)
      : docker(
          ...['run', '--detach', '--name', container, '--network', 'host', ...label('project', project), ...label('service', 'postgres')],
          ...[
            '--volume',
            `${volume}:/var/lib/postgresql/data`,
            '--env',
            'POSTGRES_USER=leoflow',
            '--env',
            'POSTGRES_DB=leoflow',
            '--label',
            `port=${port}`,
          ],
          ...[release.image, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
        );
  if (!started.ok) fail(`docker compose up: ${started.err}`);
  const fromOther = () => docker('inspect', '--format', '{{.State.Running}}', container).out !== 'true';
  database = { bin: release.postgres, env: { PGUSER: 'leoflow', PGHOST: '127.0.0.1', PGPORT: String(port), PGPASSWORD: 'leoflow' } };
  for (let tries = 0; !sql('SELECT 1', 'postgres').ok; tries += 1) {
    if (tries > 300) fail(`postgres did not become ready: ${docker('logs', container).err}`);
    await new Promise((later) => setTimeout(later, 200));
  }
  if (fromOther()) fail(`docker compose up: Bind for 127.0.0.1:${port} failed: port is already allocated`);
  if (sql("SELECT 1 FROM pg_database WHERE datname = 'leoflow_dev'", 'postgres').out.trim() === '')
    sql('CREATE DATABASE leoflow_dev', 'postgres');
}

function stopPostgres() {
  // A container goes on running.
  if (database.env.PGPORT !== undefined) return;
  pg('pg_ctl', ['-D', pgdata, '-m', 'fast', '-w', '-t', '60', 'stop']);
}

function ledger() {
  const row = sql("SELECT version || ' ' || dirty FROM schema_migrations").out.trim().split(' ');
  return row.length === 2 ? { version: Number(row[0]), dirty: row[1] === 'true' } : { version: 0, dirty: false };
}

function refuseDrift({ version, dirty }) {
  if (!release.driftCheck) return null;
  if (dirty)
    return `database schema is marked dirty at version ${version} (a prior migration was interrupted); run \`leoflow uninstall --purge\` to reset, or fix manually with \`migrate force\` if you know what you are doing`;
  if (version > top)
    return `database is at schema version ${version} but this binary only knows up to ${top}; an older \`leoflow\` is being run against a newer database. Upgrade the binary, or run \`leoflow uninstall --purge\` to start over (this WIPES your data)`;
  return null;
}

function migrate() {
  sql('CREATE TABLE IF NOT EXISTS public.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)');
  const at = ledger();
  const drift = refuseDrift(at);
  if (drift !== null) return drift;
  for (const name of Object.keys(release.migrations).sort()) {
    const version = Number(/^\d+/.exec(name)[0]);
    if (version <= at.version) continue;
    const note = (dirty) => sql(`BEGIN; TRUNCATE schema_migrations; INSERT INTO schema_migrations VALUES (${version}, ${dirty}); COMMIT;`);
    note(true);
    const done = sql(release.migrations[name]);
    if (!done.ok) return `migration failed: ${done.err.trim()} in line 0: ${release.migrations[name]}`;
    note(false);
  }
  return null;
}

function isFree(port) {
  return new Promise((answer) => {
    const server = createServer().once('error', () => answer(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => answer(true)));
  });
}

// As in the releases: what stands on PATH goes before what stands beside this program.
function programNamed(wanted) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), dirname(fileURLToPath(import.meta.url))];
  return folders.map((folder) => join(folder, wanted)).find((path) => existsSync(path)) ?? fail(`${wanted} not found on PATH`);
}

// In a session of its own, so that the end of what started it is not its end.
function supervise(args) {
  const again = ['-c', 'while :; do "$0" "$@"; sleep 0.05; done', process.argv[1], 'lite', ...args];
  spawn('sh', again, { detached: true, stdio: 'ignore', env: { ...process.env, SUPERVISED: '1' } }).unref();
  setTimeout(() => fail('leoflow lite ended'), 300);
}

async function lite(args) {
  if (release.bad === 'supervised') {
    if (process.env.SUPERVISED === undefined) return supervise(args);
    appendFileSync(join(homedir(), 'supervised'), '.');
  }
  const value = (name) => (args.indexOf(name) < 0 ? undefined : args[args.indexOf(name) + 1]);
  const config = readConfig();
  const port = Number(value('--port') ?? config.lite_port ?? 8088);
  const wanted = value('--postgres') ?? 'auto';
  const inDocker = wanted === 'docker' || (wanted === 'auto' && release.image !== undefined && docker('info').ok);
  for (const [taken, what] of [
    [port, 'the web server'],
    [port + 1010, 'metrics'],
    [port + 1011, 'gRPC'],
  ])
    if (!(await isFree(taken)))
      fail(
        `port ${taken} is already in use (needed for ${what}); another Leoflow Lite may be running — stop it, or pass --port to pick a free port`,
      );
  if (inDocker) await startDocker();
  else startPostgres();
  const refused = migrate();
  if (refused !== null) {
    stopPostgres();
    fail(refused);
  }
  if (release.bad === 'supervised') sql("INSERT INTO variables (key, val) VALUES ('supervised ' || random(), 'x')");
  const env = {
    ...process.env,
    LEOFLOW_SERVER_PORT: String(port),
    LEOFLOW_SERVER_SECRET: config.jwt_secret ?? 'leoflow-lite-insecure-secret',
    LEOFLOW_SERVER_DATABASE: JSON.stringify(database),
  };
  if (config.jwt_secret === undefined) process.stderr.write('WARN no jwt_secret in config.yaml; using the built-in one\n');
  sql(
    `INSERT INTO users (email, password_hash) VALUES ('${config.admin_email}', '${config.admin_password_hash}') ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash`,
  );
  const server = spawn(programNamed(`${name}-server`), [], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const agent = spawn(programNamed(`${name}-agent`), [], { env, stdio: 'ignore' });
  let asked = false;
  const end = () => {
    asked = true;
    agent.kill('SIGTERM');
    server.kill('SIGTERM');
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  const code = await new Promise((ended) => server.once('exit', ended));
  agent.kill('SIGTERM');
  stopPostgres();
  if (!asked) fail(`leoflow-server exited with ${code}`);
}

// `leoflow lite backup`: the members and the weaknesses of the real one.
function backup(args) {
  const out =
    args[Math.max(args.indexOf('--output'), args.indexOf('-o')) + 1] ??
    `./leoflow-backup-${new Date().toISOString().replaceAll(/[:.]/g, '').slice(0, 17)}Z.tar.gz`;
  const config = readConfig();
  if (!existsSync(join(pgBin, 'pg_dump')))
    fail(
      `managed pg_dump not found at ${join(pgBin, 'pg_dump')} — is this a Docker-datastore install? backup currently supports the managed PG path only (see docs)`,
    );
  const dump = pg('pg_dump', ['--clean', '--if-exists', '--no-owner', '--no-privileges', '--format=plain', '-d', 'leoflow_dev']);
  if (!dump.ok) fail(`pg_dump failed: exit status ${dump.code} (is \`leoflow lite\` running?)`);
  const manifest = {
    manifest_version: 1,
    leoflow_version: release.version,
    schema_version: top,
    postgres_version: '16.13.0',
    created_at: new Date().toISOString(),
  };
  const members = [
    ['MANIFEST.json', Buffer.from(JSON.stringify(manifest, null, 2))],
    ['config.yaml', readFileSync(configFile)],
    ['setup.json', readFileSync(join(home, 'setup.json'))],
    ['datastore.sql', Buffer.from(dump.out)],
  ];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (
        entry.isDirectory() &&
        !/^(?:\.git|\.hg|\.svn|\.?venv|__pycache__|\.pytest_cache|node_modules|\.tox|\.mypy_cache)$/.test(entry.name)
      )
        walk(path);
      else if (entry.isFile()) members.push([`workspace/${relative(config.workspace, path)}`, readFileSync(path)]);
    }
  };
  if (existsSync(config.workspace)) walk(config.workspace);
  writeFileSync(out, gzipSync(Buffer.concat([...members.map(([name, content]) => member(name, content)), Buffer.alloc(1024)])));
  process.stdout.write(`Backup written to ${out}\n`);
}

function member(name, content) {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000600\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write(
    `${Math.floor(Date.now() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\x0000', 257);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function restore(args) {
  const file = args[Math.max(args.indexOf('--input'), args.indexOf('-i')) + 1];
  const bytes = gunzipSync(readFileSync(file));
  const members = new Map();
  for (let at = 0; bytes[at] !== 0 && at < bytes.length;) {
    const name = bytes
      .subarray(at, at + 100)
      .toString()
      .replace(/\0.*$/s, '');
    const size = Number.parseInt(bytes.subarray(at + 124, at + 135).toString(), 8);
    members.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  const manifest = members.has('MANIFEST.json')
    ? JSON.parse(members.get('MANIFEST.json'))
    : fail('archive has no MANIFEST.json; is this a leoflow backup?');
  if (manifest.schema_version > top)
    fail(
      `backup was taken on a newer schema (version ${manifest.schema_version}) than this binary supports (${top}); upgrade leoflow before restoring this archive`,
    );
  if (existsSync(home) && readdirSync(home).length > 0 && !args.includes('--force'))
    fail(
      'refusing: restore would overwrite an existing install at ~/.leoflow; pass --force to confirm, or move/back-up the existing install first',
    );
  if (!members.has('datastore.sql')) fail('archive has no datastore.sql; cannot restore datastore');
  for (const name of ['config.yaml', 'setup.json']) writeFileSync(join(home, name), members.get(name), { mode: 0o600 });
  const { workspace } = readConfig();
  for (const [name, content] of members) {
    if (!name.startsWith('workspace/')) continue;
    mkdirSync(dirname(join(workspace, name.slice(10))), { recursive: true });
    writeFileSync(join(workspace, name.slice(10)), content);
  }
  const done = pg(
    'psql',
    ['--quiet', '--no-psqlrc', '--single-transaction', '--set=ON_ERROR_STOP=1', '-d', 'leoflow_dev'],
    members.get('datastore.sql'),
  );
  if (!done.ok) fail(`psql failed: exit status ${done.code}: ${done.err.trim()}`);
}

function uninstall(args) {
  if (!existsSync(home)) {
    process.stdout.write(`Nothing to remove: ${home} does not exist\n`);
    return;
  }
  if (!args.includes('--yes')) {
    process.stdout.write("Type 'yes' to confirm (or re-run with --yes): ");
    if (readFileSync(0, 'utf8').trim() !== 'yes') {
      process.stdout.write('aborted.\n');
      return;
    }
  }
  const workspace = existsSync(configFile) ? readConfig().workspace : null;
  if (existsSync(pgdata)) stopPostgres();
  const purge = args.includes('--purge');
  for (const name of readdirSync(home)) if (purge || name !== 'pgdata') rmSync(join(home, name), { recursive: true, force: true });
  if (purge) rmSync(home, { recursive: true, force: true });
  if (purge && docker('volume', 'inspect', volume).ok) {
    docker('rm', '--force', container);
    if (!docker('volume', 'rm', volume).ok) process.stdout.write('! docker compose down failed\n');
  }
  if (purge && workspace !== null) rmSync(workspace, { recursive: true, force: true });
  const here = dirname(fileURLToPath(import.meta.url));
  for (const each of ['leoflow', 'dexaflow'])
    for (const part of ['', '-server', '-agent']) rmSync(join(here, `${each}${part}`), { force: true });
}

// Makes a password up, tells it once, and writes config.yaml anew from what it knows: other keys and comments are lost.
function resetPassword(args) {
  const config = readConfig();
  const email = args.includes('--user') ? args[args.indexOf('--user') + 1] : config.admin_email;
  const port = join(home, 'dev', 'db-port');
  if (!existsSync(join(pgdata, '.s.PGSQL.5432')))
    database = {
      bin: release.postgres,
      env: { PGUSER: 'leoflow', PGHOST: '127.0.0.1', PGPORT: existsSync(port) ? readFileSync(port, 'utf8') : '5432' },
    };
  const password = randomBytes(12).toString('base64url');
  const done = sql(`UPDATE users SET password_hash = '${hashOf(password)}' WHERE email = '${email}' RETURNING 1`);
  if (!done.ok) fail(`connecting to the Lite database (is Postgres up? start \`leoflow lite\`): ${done.err.trim()}`);
  if (done.out.trim() === '') fail(`no admin "${email}" found; run \`leoflow lite\` once to create it`);
  const hash = sql(`SELECT password_hash FROM users WHERE email = '${email}'`).out.trim();
  const known = ['parser_cmd', 'workspace', 'lite_executor', 'lite_port', 'admin_email', 'admin_password_hash', 'jwt_secret'];
  const lines = known
    .filter((key) => config[key] !== undefined)
    .map((key) => (key === 'admin_password_hash' ? `${key}: "${hash}"` : `${key}: ${config[key]}`));
  writeFileSync(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  process.stdout.write(`\n  password reset for ${email}\n  new password: ${password}\n  (shown once — save it)\n`);
}

const [verb, second, ...rest] = process.argv.slice(2);
if (verb === 'version') {
  const told = {
    version: release.bad === 'lies' ? '0.0.1-prealpha.19' : release.version,
    git_commit: createHash('sha1').update(release.version).digest('hex'),
    build_date: '2026-05-28T00:00:00Z',
    go_version: 'go1.23.4',
    expires_at: release.expires,
  };
  process.stdout.write(
    second === '--json'
      ? `${JSON.stringify(told)}\n`
      : `leoflow ${release.version} (commit ${told.git_commit.slice(0, 7)}, built ${told.build_date}, ${told.go_version})\n`,
  );
} else if (!['setup', 'lite', 'uninstall', 'db'].includes(verb)) {
  fail(`unknown command "${verb}" for "${name}"`);
} else {
  refuseExpired();
  if (verb === 'setup') setup();
  else if (verb === 'uninstall') uninstall([second, ...rest]);
  else if (verb === 'db') {
    const refused = migrate();
    if (refused !== null) fail(refused);
  } else if (release.backup && second === 'backup') backup(rest);
  else if (release.backup && second === 'restore') restore(rest);
  else if (second === 'reset-password') resetPassword(rest);
  else await lite([second, ...rest].filter((part) => part !== undefined));
}
