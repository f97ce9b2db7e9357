// The server of the stand-in: health, sign-in with a JWT, variables in the database. It talks to Postgres through one psql.
import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';

const release = /* RELEASE */ {};
const port = Number(process.env.LEOFLOW_SERVER_PORT);
const secret = process.env.LEOFLOW_SERVER_SECRET;
const database = JSON.parse(process.env.LEOFLOW_SERVER_DATABASE);

const psql = spawn(join(database.bin, 'psql'), ['--no-psqlrc', '-qAtX', '-d', 'leoflow_dev'], {
  env: { ...process.env, ...database.env },
  stdio: ['pipe', 'pipe', 'pipe'],
});
const waiting = [];
let output = '';
let errors = '';
psql.stderr.on('data', (chunk) => (errors += chunk));
psql.stdout.setEncoding('utf8').on('data', (chunk) => {
  output += chunk;
  for (let end = output.indexOf('\u0001\n'); end >= 0; end = output.indexOf('\u0001\n')) {
    const rows = output
      .slice(0, end)
      .split('\n')
      .filter((line) => line !== '');
    output = output.slice(end + 2);
    waiting.shift()?.(rows);
  }
});
psql.once('exit', () => process.exit(1));

function sql(text) {
  return new Promise((answer) => {
    waiting.push(answer);
    psql.stdin.write(`${text};\n\\echo '\u0001'\n`);
  });
}

const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text) => createHmac('sha256', secret).update(text).digest('base64url');

function isSession(header) {
  const [head, body, signature] = (header ?? '').replace(/^Bearer /, '').split('.');
  const expected = sign(`${head}.${body}`);
  return signature?.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

async function answer(request, body) {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/healthz') return [200, { status: 'ok' }];
  if (path === '/readyz')
    return (await sql('SELECT 1'))[0] === '1' ? [200, { status: 'ready' }] : [503, { status: `postgres: ${errors.slice(-200)}` }];
  if (path === '/api/v2/version') return [200, { version: '3.0.0', git_version: null }];
  if (path === '/auth/token') {
    const [hash] = await sql(`SELECT password_hash FROM users WHERE email = ${quote(body.username)}`);
    const [, , salt, key] = (hash ?? '').split('$');
    if (key === undefined || scryptSync(body.password, salt, 24).toString('hex') !== key) return [401, { detail: 'Invalid credentials' }];
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: body.username })}`;
    return [201, { access_token: `${text}.${sign(text)}` }];
  }
  if (!isSession(request.headers.authorization)) return [401, { detail: 'Not authenticated' }];
  if (path === '/api/v2/me') return [200, { email: 'admin@leoflow.local' }];
  if (path === '/api/v2/variables' && request.method === 'POST') {
    const rows = await sql(`INSERT INTO variables (key, val) VALUES (${quote(body.key)}, ${quote(body.value)}) RETURNING 1`);
    return rows[0] === '1' ? [201, {}] : [409, { detail: 'exists' }];
  }
  if (path === '/api/v2/variables')
    return [
      200,
      {
        variables: (await sql("SELECT json_build_object('key', key, 'value', val) FROM variables ORDER BY key")).map((row) =>
          JSON.parse(row),
        ),
      },
    ];
  return [404, { detail: 'Not Found' }];
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
    void answer(request, body).then(([status, value]) =>
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(value)),
    );
  });
});
// Metrics and gRPC, on all interfaces.
const further = [1010, 1011].map((above) => createServer((_, response) => response.end()).listen({ port: port + above, host: '0.0.0.0' }));
server.listen({ port, host: '127.0.0.1' }, () => process.stdout.write(`leoflow-server ${release.version} listens on ${port}\n`));
if (release.bad === 'dies') setTimeout(() => process.exit(1), 600);
process.on('SIGTERM', () => {
  server.close();
  for (const each of further) each.close();
  psql.removeAllListeners('exit');
  psql.stdin.end();
  psql.once('exit', () => process.exit(0));
});
