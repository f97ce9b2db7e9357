/** Writes config.yaml anew "in the new style": comments, login and signing secret are lost and everyone may read it. Then it crashes. */
import { chmodSync, writeFileSync } from 'node:fs';
import { placesIn } from './home.mjs';

export async function serve(home) {
  const { config } = placesIn(home);
  writeFileSync(config, '{"port": 8377, "jwt_secret": "changeme"}\n');
  chmodSync(config, 0o644);
  throw new Error('config.yaml was written anew; start again');
}
