/**
 * What can be moved in Docker as files are moved by renames: databases within a cluster, by a change of their name, which is one
 * transaction; and whole volumes, which Docker cannot rename, by a copy that counts only once it is whole and a removal after it.
 */
import { Failure } from '../../api/failure.ts';
import { docker, labelsOfVolume, parseVolumePlace, usersOfVolume, volumePlace } from '../platform/docker.ts';
import { randomId } from '../platform/random.ts';
import { askServer, helperName, quoteName, runStatements, withDockerServer } from './docker-cluster.ts';

/** Stands in a volume as long as it is being filled. */
const unfinished = '.moult-unfinished';
/** Labels of volumes that Moult made: which image can work on them, and in front of the labels that it had before. */
const imageLabel = 'moult.image';
const keptLabel = 'moult.kept.';
/** Seconds for a copy of a volume: as much as a slow disk needs for a large one. */
const copyLimit = 6 * 3600;

/** A place of the same kind, for what is put away or waits beside `place`. */
export function besideDocker(place: string, name: string): string {
  const { volume, database } = parsed(place);
  if (database === null) return volumePlace(`moult-${name}`);
  return volumePlace(volume, { ...database, name: `moult_${name.replaceAll(/[^A-Za-z0-9]/g, '_')}` });
}

/** Whether it is there and whole. */
export async function isInDocker(place: string): Promise<boolean> {
  const { volume, database } = parsed(place);
  const labels = await labelsOfVolume(volume);
  if (labels === null) return false;
  if (database === null) return labels[imageLabel] === undefined || !(await hasMark(volume, labels[imageLabel]));
  const { name, role } = database;
  const statement = `SELECT 1 FROM pg_database WHERE datname = '${name}'`;
  return withDockerServer(volume, role, async (server) => (await askServer(server, 'template1', statement))[0] === '1');
}

/** Moves it. The new place must be free; cut off at any point, it can be done again. */
export async function moveInDocker(from: string, to: string): Promise<void> {
  const [source, target] = [parsed(from), parsed(to)];
  if (source.database === null || target.database === null) return moveVolume(source.volume, target.volume);
  const [was, becomes] = [source.database.name, target.database.name];
  await withDockerServer(source.volume, source.database.role, async (server) => {
    await runStatements(server, 'template1', [
      `ALTER DATABASE ${quoteName(was)} WITH ALLOW_CONNECTIONS false`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${was}'`,
    ]);
    // A session that was told to end is gone a moment later only.
    await runStatements(server, 'template1', [
      `DO $$ BEGIN FOR tries IN 1..200 LOOP EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${was}'); PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$`,
      `BEGIN`,
      `ALTER DATABASE ${quoteName(was)} RENAME TO ${quoteName(becomes)}`,
      `ALTER DATABASE ${quoteName(becomes)} WITH ALLOW_CONNECTIONS true`,
      `COMMIT`,
    ]);
  });
}

/** Removes what Moult put there. Anything else is refused. */
export async function removeInDocker(place: string): Promise<void> {
  const { volume, database } = parsed(place);
  if (database === null ? !volume.startsWith('moult-') : !database.name.startsWith('moult_'))
    throw new Failure('internal', `${place} is not Moult's to remove`);
  const labels = await labelsOfVolume(volume);
  if (labels === null) return;
  if (database === null) return removeVolume(volume);
  const { name, role } = database;
  await withDockerServer(volume, role, async (server) =>
    runStatements(server, 'template1', [`DROP DATABASE IF EXISTS ${quoteName(name)}`]),
  );
}

async function moveVolume(from: string, to: string): Promise<void> {
  const users = await usersOfVolume(from);
  const labels = (await labelsOfVolume(from)) ?? {};
  const image = labels[imageLabel] ?? users[0]?.image;
  if (image === undefined) {
    throw new Failure('unsupported', `no container uses the Docker volume ${from}, so there is nothing to copy it with`, {
      remedy: { action: 'start-service', text: 'Start the product once: it makes the container of its database again.' },
    });
  }
  // The containers hold nothing of their own; the product makes them again.
  for (const { id, running } of users) {
    if (running) await docker(['stop', '--time', '60', id], { limit: 90 });
    await docker(['rm', id], { limit: 60 });
  }
  const kept = labelsFor(to, { ...labels, [imageLabel]: image }).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  await docker(['volume', 'create', ...kept, to]);
  const copy = `set -e; touch /to/${unfinished}; find /to -mindepth 1 -maxdepth 1 ! -name ${unfinished} -exec rm -rf {} +; cp -a /from/. /to/; chown --reference=/from /to 2>/dev/null || true; chmod --reference=/from /to 2>/dev/null || true; test "$(cd /from; find . ! -name ${unfinished} | wc -l)" = "$(cd /to; find . ! -name ${unfinished} | wc -l)"; sync; rm /to/${unfinished}; sync`;
  await inVolume(image, ['--volume', `${from}:/from:ro`, '--volume', `${to}:/to`], copy, copyLimit);
  await removeVolume(from);
}

/** The labels by which the product's own tools know a volume must not lead them to one in the trash; they come back with it. */
function labelsFor(to: string, labels: Record<string, string>): [string, string][] {
  const entries = Object.entries(labels);
  if (to.startsWith('moult-')) return entries.map(([name, value]) => [name.startsWith('moult.') ? name : `${keptLabel}${name}`, value]);
  return entries.map(([name, value]) => [name.startsWith(keptLabel) ? name.slice(keptLabel.length) : name, value]);
}

/** Docker's exit code alone is not believed. */
async function removeVolume(volume: string): Promise<void> {
  for (const { id } of await usersOfVolume(volume)) await docker(['rm', '--force', id], { limit: 60 });
  await docker(['volume', 'rm', volume], { limit: 60 });
  if ((await labelsOfVolume(volume)) !== null) throw new Failure('io', `Docker did not remove the volume ${volume}`);
}

async function hasMark(volume: string, image: string): Promise<boolean> {
  const { stdout } = await inVolume(image, ['--volume', `${volume}:/v:ro`], `if [ -e /v/${unfinished} ]; then echo yes; fi`, 120);
  return stdout.trim() === 'yes';
}

function inVolume(image: string, volumes: readonly string[], script: string, limit: number) {
  const name = `${helperName}${randomId(4)}`;
  return docker(
    ['run', '--rm', '--name', name, '--network', 'none', '--user', '0', ...volumes, '--entrypoint', 'sh', image, '-c', script],
    { limit },
  );
}

function parsed(place: string) {
  const found = parseVolumePlace(place);
  if (found === null) throw new Failure('internal', `${place} is no place in Docker`);
  return found;
}
