/** The home folder: what is in it, its first contents, a new password. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newConfig, readConfig, readOptions } from './options.mjs';
import { changeSetting } from './settings-file.mjs';
import { hashPassword, newPassword } from './password.mjs';
import { Refusal } from './refusal.mjs';

/** Where things are in a home folder. */
export function placesIn(home) {
  return {
    home,
    config: join(home, 'config.yaml'),
    firstLogin: join(home, 'first-login.txt'),
    data: join(home, 'data'),
    database: join(home, 'data', 'sprig.db'),
    dependencies: join(home, 'deps'),
    marker: join(home, 'deps', '.sprig-deps'),
    runtime: join(home, 'runtime'),
    logs: join(home, 'logs'),
  };
}

/** Makes a home folder ready for `serve`. A configuration that is there already is kept to the byte, and with it the login and the secret. */
export function initialize(home, port) {
  const places = placesIn(home);
  for (const folder of [home, places.data, places.logs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(places.config)) {
    console.log(`${places.config} is there already and stays as it is`);
    return;
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
    throw new Refusal(2, '--port must be a number from 1 to 65535');
  const password = newPassword();
  const values = {
    ...(port !== undefined && { port }),
    admin: { user: 'admin', password_hash: hashPassword(password) },
    jwt_secret: randomBytes(32).toString('hex'),
  };
  writeAside(places.firstLogin, `# Sprig deletes this file at the first sign-in.\nuser: admin\npassword: ${password}\n`);
  writeAside(places.config, newConfig(values));
  greet(readOptions(home, () => {}).workspace);
  console.log(`wrote ${places.config}; the first login is in ${places.firstLogin}`);
}

/** Gives the admin login a new password, which is printed once and kept nowhere. */
export function resetPassword(home) {
  const { config } = placesIn(home);
  const password = newPassword();
  writeAside(config, changeSetting(readConfig(home), 'admin.password_hash', hashPassword(password)));
  console.log(`the password is now ${password}`);
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writeAside(file, text, mode = 0o600) {
  const aside = `${file}.${randomBytes(4).toString('hex')}.new`;
  writeFileSync(aside, text, { mode, flush: true });
  chmodSync(aside, mode);
  renameSync(aside, file);
}

/** A new workspace gets a first note; one that has files in it is left alone. */
function greet(workspace) {
  mkdirSync(workspace, { recursive: true });
  if (readdirSync(workspace).length > 0) return;
  writeAside(join(workspace, 'sprig-deps.json'), `${JSON.stringify({ extensions: ['word-count'] }, null, 2)}\n`);
  writeAside(
    join(workspace, 'Welcome.md'),
    '# Welcome\n\nThis is **Sprig Lite**, a small notes server.\n\n- Notes are Markdown files in the workspace folder.\n- Tags and history are in the datastore.\n',
  );
}
