/**
 * Restore: unpack a backup beside the live data and prove it, take a safety backup of what is there now, swap by renames, start, check
 * health. The release stays: data from an older schema is migrated by the product when it starts. It can be undone for a week.
 * Chosen items and files go the same way.
 */
import { bytesDone } from '../operation/progress.ts';
import type { Step } from '../operation/step.ts';
import { verifyBackup, type VerifyOptions } from '../backup/verify-backup.ts';
import { verifySealed } from '../backup/verify-sealed.ts';
import type { Verification } from '../../api/models.ts';
import { isOpen } from '../backup/unlock-backup.ts';
import { tryOpen } from './encryption.ts';
import { Failure } from '../../api/failure.ts';
import { now } from '../platform/clock.ts';
import type { Choice } from './choice.ts';
import type { Program, Scene } from './program.ts';
import { twoPassBackUpSteps } from './steps/backup-steps.ts';
import { swapStep, unpackStep } from './steps/data-steps.ts';
import { noteKeysStep, proveStep } from './steps/prove-step.ts';
import type { InstallRecord } from '../install/record.ts';
import type { Release } from '../release/feed.ts';
import type { OwnBackup } from './own-backup.ts';
import { importStep } from './steps/import-step.ts';
import { commitStep, fetchStep, recordAt, stageStep, switchStep } from './steps/release-steps.ts';
import { haltStep, settleStep, startStep, stopStep } from './steps/service-steps.ts';
import { expiry } from './trash.ts';
import { mustHave, tidyStep } from './upgrade.ts';

export interface RestoreData {
  backupPath: string;
  backupId: string | null;
  backupRelease: string | null;
  safetyTo: string;
  /** Releases that the data has to pass on its way to the one that is there. */
  via: Release[];
  /** Set for a backup that the product made: it is made into one of Moult's at `backupPath` first. */
  own?: OwnBackup;
  /** Only this is put back. */
  choice?: Choice;
  /** A config file that names places could not be read when it began; what is restored mends that. */
  brokenConfig?: true;
}

export function restoreProgram(scene: Scene, data: RestoreData): Program {
  const before = mustHave(scene.before);
  const { choice } = data;
  const options = { ...(data.brokenConfig && { brokenConfig: true }), ...(choice && { choice }) };
  const [hot, seal] = twoPassBackUpSteps(scene, before, { to: data.safetyTo, reason: 'before-restore' }, options);
  const steps: Step[] = [
    ...(data.via.length === 0 ? [] : [fetchStep(scene, data.via), stageStep(scene, data.via)]),
    ...(data.own === undefined ? [] : [importStep(scene, before, data.own, data.backupPath)]),
    // Of a part only the frames that hold it are read, and each of its files is held against its hash.
    ...(choice === undefined ? [verifyStep(scene, data.backupPath, data.backupId)] : []),
    unpackStep(scene, before, () => data.backupPath, options),
    { ...hot, title: 'Back up what is there now' },
    stopStep(scene, before, options),
    seal,
    ...(choice === undefined || data.brokenConfig === true ? [] : [noteKeysStep(scene, before)]),
    swapStep(scene, before, options),
    ...passingSteps(scene, before, data.via),
    startStep(scene, 'start', 'Start it and check its health', async () => before),
    choice === undefined
      ? proveStep(scene, before, async () => before, data.backupPath)
      : proveStep(scene, before, async () => before, undefined, touchedBy(choice)),
    settleStep(scene, async () => before),
    commitStep(async () => {
      scene.found.undoUntil = expiry();
      // A part that runs proves nothing of the rest.
      if (choice !== undefined) return;
      const proven = data.backupId ?? scene.kit.registry.backups.find(data.backupPath)?.id;
      if (proven !== undefined) scene.kit.registry.backups.prove(proven, now());
    }),
    tidyStep(scene),
  ];
  return { steps, from: data.backupRelease, to: before.release, endState: 'new-and-healthy' };
}

/** The items that a choice changes: of the others the receipt proves that they are as they were. */
function touchedBy(choice: Choice): string[] {
  return [...choice.items, ...choice.files.map((file) => file.item), ...choice.keys.flatMap((keys) => [keys.item, keys.from.item])];
}

/** Takes old data through the releases that it has to pass, and back to the release that is there. */
function passingSteps(scene: Scene, before: InstallRecord, via: readonly Release[]): Step[] {
  const steps: Step[] = [];
  for (const release of via) {
    const passing = { ...recordAt(scene, before, release.version), previous: before.previous };
    steps.push(
      switchStep(scene, `switch@${release.version}`, `Switch to ${release.version}`, before, () => passing),
      startStep(
        scene,
        `migrate@${release.version}`,
        `Start ${release.version}, migrate the data and check its health`,
        async () => passing,
        { passing: true },
      ),
      haltStep(scene, `halt@${release.version}`, `Stop ${release.version}`, async () => passing),
    );
  }
  if (via.length > 0) steps.push(switchStep(scene, 'switch', `Switch back to ${before.release}`, before, () => before));
  return steps;
}

/** Reads every byte of a backup. A bad one is filed as bad and refused. */
export function verifyStep(scene: Scene, path: string, id: string | null): Step {
  return {
    id: 'verify',
    title: 'Read the backup back',
    weight: 15,
    run: async (tools) => {
      await tryOpen(scene.kit, path);
      const verification = await readBack(scene, path, {
        signal: tools.signal,
        onProgress: (done) => tools.progress(bytesDone(done)),
      });
      scene.found.verification = verification;
      const known = scene.kit.registry.backups.find(id ?? verification.id ?? path);
      const verdict = verification.verdict === 'bad' ? 'bad' : known?.verdict === 'proven' ? 'proven' : 'unproven';
      if (known) scene.kit.registry.backups.judge(known.id, verdict, now(), verification.problems[0] ?? null);
      if (verification.verdict !== 'bad') return;
      throw new Failure('bad-backup', `${path} is damaged: ${verification.problems.slice(0, 3).join('; ')}`, {
        remedy: { action: 'restore-backup', text: 'Choose another backup.', command: 'moult backups' },
        details: { problems: verification.problems },
      });
    },
  };
}

/** All of it; of an encrypted one without its key, whether its bytes are still those that were written. */
async function readBack(scene: Scene, path: string, options: VerifyOptions): Promise<Verification> {
  if (scene.action !== 'verify' || (await isOpen(path))) return verifyBackup(path, options);
  return verifySealed(path, scene.kit.registry.backups.find(path)?.sha256 ?? null, options);
}
