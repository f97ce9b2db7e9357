/**
 * Steps that take a backup. The hot pass runs while the product runs and is read back from the disk; after the stop only what changed
 * since is added, so that the time the product is down does not grow with its data.
 */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import type { Backup } from '../../../api/models.ts';
import type { SealedBackup } from '../../backup/backup-format.ts';
import { openBackup, type BackupWriter } from '../../backup/open-backup.ts';
import type { InstallRecord } from '../../install/record.ts';
import type { BackupRow } from '../../registry/backups.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { now, ticks } from '../../platform/clock.ts';
import { moultVersion } from '../../platform/environment.ts';
import { makeFolderDurably, namesIn, remove } from '../../platform/files.ts';
import { measureTrees } from '../../platform/tree.ts';
import { captureInstall, describeForBackup, heldItems, type InstallCapture } from '../capture.ts';
import { openAt, type OpenedInstall, type OpenOptions } from '../kit.ts';
import { lockFor, type LockWish } from '../encryption.ts';
import { byteLimit } from '../limits.ts';
import { keepKey } from '../kept-keys.ts';
import type { Scene } from '../program.ts';

export interface BackupStepData {
  to: string;
  reason: Backup['reason'];
  /** How it is locked; without it, what the install's setting says. */
  lock?: LockWish;
  /** Bytes a second, when it is not the setting's. */
  limit?: number | undefined;
}

/** What passes between the hot pass and the seal within one process. */
interface Hold {
  opened: OpenedInstall | null;
  writer: BackupWriter | null;
  capture: InstallCapture | null;
  from: number;
}

/** One step that takes a whole backup while the product runs. */
export function backUpStep(scene: Scene, before: InstallRecord, data: BackupStepData): Step {
  const hold: Hold = { opened: null, writer: null, capture: null, from: 0 };
  return {
    id: 'back-up',
    title: 'Back up',
    weight: 40,
    run: async (tools) => {
      await hotPass(scene, before, data, hold, tools, true);
      await seal(scene, data, hold, tools);
    },
    undo: async (tools) => giveUp(scene, data, hold, tools),
    release: () => letGo(hold),
  };
}

/** The two steps around the stop: `[hot pass, seal]`. */
export function twoPassBackUpSteps(scene: Scene, before: InstallRecord, data: BackupStepData, options: OpenOptions = {}): [Step, Step] {
  const hold: Hold = { opened: null, writer: null, capture: null, from: 0 };
  return [
    {
      id: 'back-up',
      title: 'Back up while the product runs',
      weight: 40,
      run: async (tools) => {
        await hotPass(scene, before, data, hold, tools, false, options);
        await hold.writer?.verifyWritten();
      },
      undo: async (tools) => giveUp(scene, data, hold, tools),
      release: () => letGo(hold),
    },
    {
      id: 'seal',
      title: 'Add what changed since, and read the backup back',
      weight: 8,
      touches: true,
      run: async (tools) => {
        const { writer, capture } = held(hold);
        await writer.addChanges(await capture.finish());
        await seal(scene, data, hold, tools);
      },
    },
  ];
}

async function hotPass(
  scene: Scene,
  before: InstallRecord,
  data: BackupStepData,
  hold: Hold,
  tools: StepTools,
  isLast: boolean,
  options: OpenOptions = {},
): Promise<void> {
  hold.from = ticks();
  hold.opened = await openAt(scene.descriptor, scene.home, before, options);
  await makeFolderDurably(dirname(data.to));
  const previous = latestBackup(scene);
  const total = await measureTrees(heldItems(hold.opened).flatMap((item) => item.paths));
  hold.writer = await openBackup({
    to: data.to,
    limit: data.limit ?? byteLimit(scene.kit),
    // What somebody asked for can take its time; an upgrade is waited for.
    goLast: data.reason === 'asked',
    lock: await lockFor(scene.kit, before.name, data.to, data.lock),
    moultVersion: moultVersion(),
    ...(previous !== null && { previous }),
    signal: tools.signal,
    onProgress: (progress) =>
      tools.progress({
        detail: `${progress.files} files`,
        bytes: progress.bytes,
        totalBytes: Math.max(total.bytes, progress.bytes),
        fraction: total.bytes === 0 ? 1 : Math.min(1, progress.bytes / total.bytes),
      }),
  });
  hold.capture = await captureInstall(hold.opened, scratchOf(scene), tools.signal);
  await hold.writer.addFirstPass(hold.capture.sources);
  const completing = await hold.capture.complete(isLast);
  if (completing.length > 0) await hold.writer.addFirstPass(completing);
  for (const note of hold.capture.notes()) tools.note(note, 'warning');
}

/** The newest backup of the install that is not known to be bad: what did not change since is copied from it. */
function latestBackup(scene: Scene): string | null {
  const known = scene.kit.registry.backups.of(scene.install);
  return known.find(({ verdict }) => verdict !== 'bad')?.path ?? null;
}

async function seal(scene: Scene, data: BackupStepData, hold: Hold, tools: StepTools): Promise<void> {
  const { writer, capture, opened } = held(hold);
  const rows = await capture.rows();
  const header = { ...(await describeForBackup(scene.kit, opened, data.reason, capture.sources)), rows };
  const sealed = await writer.seal(header);
  await capture.close();
  const backup: BackupRow = {
    ...filed(sealed),
    install: header.install,
    product: header.product,
    release: header.release,
    schema: header.schema.version,
    at: now(),
    reason: data.reason,
    verdict: 'unproven',
    verifiedAt: now(),
    problem: null,
    provenAt: null,
    drilledAt: null,
    installId: opened.record.id,
  };
  // An operation's own backup is its way back, also after a kill, when nobody is there to give a key.
  if (data.reason !== 'asked') await keepKey(scene.kit.moultHome, sealed.path);
  scene.kit.registry.backups.put(backup);
  scene.found.backup = {
    ...backup,
    foreign: false,
    missing: false,
    contentBytes: sealed.contentBytes,
    seconds: (ticks() - hold.from) / 1000,
    downtimeSeconds: 0,
  };
  await tools.remember({ backup: sealed.id, backupPath: sealed.path });
}

/** A finished backup stays, it is worth having; an unfinished one goes. */
async function giveUp(scene: Scene, data: BackupStepData, hold: Hold, tools: StepTools): Promise<void> {
  await hold.capture?.close();
  await hold.writer?.abandon();
  await remove(scratchOf(scene));
  if (tools.memory['backup'] === undefined) await removePartial(data.to);
}

/** Removes what a writer that was killed left beside the file that it was to become. */
export async function removePartial(to: string): Promise<void> {
  for (const name of await namesIn(dirname(to))) {
    if (name.startsWith(`.${basename(to)}`) && name.includes('partial')) await remove(join(dirname(to), name));
  }
}

/** Ends the helpers that hold datastores still and write the file; harmless when they were ended. */
async function letGo(hold: Hold): Promise<void> {
  await hold.capture?.close().catch(() => undefined);
  await hold.writer?.abandon();
}

function held(hold: Hold): { opened: OpenedInstall; writer: BackupWriter; capture: InstallCapture } {
  const { opened, writer, capture } = hold;
  if (opened === null || writer === null || capture === null) throw new Failure('internal', 'the backup was not begun in this process');
  return { opened, writer, capture };
}

function scratchOf(scene: Scene): string {
  return join(scene.folder.staging, `${scene.operation}-snapshot`);
}

function filed(sealed: SealedBackup): Pick<Backup, 'id' | 'path' | 'bytes' | 'files' | 'sha256'> {
  const { id, path, bytes, files, sha256 } = sealed;
  return { id, path, bytes, files, sha256 };
}
