/** All programs by action: one row each. Recovery builds its steps from this table and the data in a journal. */
import type { ActionKind } from '../../api/models.ts';
import { adoptProgram, type AdoptData } from './adopt.ts';
import type { AdoptAgainData } from './adopt-again.ts';
import { backUpProgram, type BackUpData } from './back-up.ts';
import { drillProgram, type DrillData } from './drill.ts';
import { exportProgram, type ExportData } from './export.ts';
import { copyProgram, type CopyData } from './copy.ts';
import { freshStartProgram, type FreshStartData } from './fresh-start.ts';
import type { Program, Scene } from './program.ts';
import { rehearsalProgram, type RehearsalData } from './rehearse.ts';
import { restoreAnewProgram, type RestoreAnewData } from './restore-anew.ts';
import { rescanProgram, type RescanData } from './rescan.ts';
import { restoreProgram, type RestoreData } from './restore.ts';
import { rollBackProgram, type RollBackData } from './roll-back.ts';
import { runActionProgram, type RunActionData } from './run-action.ts';
import { restartProgram, startProgram, stopProgram } from './run-service.ts';
import { setUpProgram, type SetUpData } from './set-up.ts';
import { takeOutProgram, type TakeOutData } from './take-out.ts';
import { undoProgram, type UndoData } from './undo.ts';
import { uninstallProgram, type UninstallData } from './uninstall.ts';
import { upgradeProgram, type UpgradeData } from './upgrade.ts';
import { verifyProgram, type VerifyData } from './verify.ts';

/** The data of each program, as it stands in the journal. */
export interface ProgramData {
  'set-up': SetUpData;
  adopt: AdoptData | AdoptAgainData;
  upgrade: UpgradeData;
  'roll-back': RollBackData;
  'back-up': BackUpData;
  restore: RestoreData | RestoreAnewData | TakeOutData;
  uninstall: UninstallData;
  purge: UninstallData;
  'fresh-start': FreshStartData;
  undo: UndoData;
  start: null;
  stop: null;
  restart: null;
  verify: VerifyData;
  export: ExportData;
  drill: DrillData;
  rehearse: RehearsalData;
  rescan: RescanData;
  run: RunActionData;
  copy: CopyData;
}

export type ProgramName = keyof ProgramData;

const programs: { [Name in ProgramName]: (scene: Scene, data: ProgramData[Name]) => Program } = {
  'set-up': setUpProgram,
  adopt: adoptProgram,
  upgrade: upgradeProgram,
  'roll-back': rollBackProgram,
  'back-up': backUpProgram,
  restore: (scene, data) => {
    if ('output' in data) return takeOutProgram(scene, data);
    return 'record' in data ? restoreAnewProgram(scene, data) : restoreProgram(scene, data);
  },
  uninstall: uninstallProgram,
  purge: uninstallProgram,
  'fresh-start': freshStartProgram,
  undo: undoProgram,
  start: startProgram,
  stop: stopProgram,
  restart: restartProgram,
  verify: verifyProgram,
  export: exportProgram,
  drill: drillProgram,
  rehearse: rehearsalProgram,
  rescan: rescanProgram,
  run: runActionProgram,
  copy: copyProgram,
};

/** Every action that has a program. */
export const programNames = Object.keys(programs) as ProgramName[];

/** The steps of an action. The data must be what that action's preparation made. */
export function buildProgram(scene: Scene, action: ActionKind, data: unknown): Program {
  if (action === 'recover') throw new Error('recovery has no program of its own');
  return (programs[action] as (scene: Scene, data: unknown) => Program)(scene, data);
}
