/**
 * A program is a workflow's list of steps, built from data that stands in the journal. Because a new process builds the same steps from
 * the same data, a killed operation can be finished or undone by recovery without anything that was only in memory.
 */
import type { ActionKind, BackupMade, EndState, Exported, Receipt, ReceiptItem, Verification } from '../../api/models.ts';
import type { DrillReport, RehearsalReport, Rescan } from '../../api/protection.ts';
import { moultFolderOf, type MoultFolder } from '../install/moult-folder.ts';
import type { InstallRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import type { Descriptor } from '../product/schema.ts';
import type { Kit } from './kit.ts';

/** What every program is built from. Everything but `kit` and `found` comes out of the journal. */
export interface Scene {
  kit: Kit;
  operation: string;
  action: ActionKind;
  install: string;
  home: string;
  folder: MoultFolder;
  descriptor: Descriptor;
  /** The record as it stood before; null where there was none. */
  before: InstallRecord | null;
  /** What the steps found out, for the receipt. Of this process only. */
  found: Findings;
}

export interface Findings {
  backup: BackupMade | null;
  verification: Verification | null;
  exported: Exported | null;
  drill: DrillReport | null;
  rehearsal: RehearsalReport | null;
  rescan: Rescan | null;
  items: ReceiptItem[];
  /** Milliseconds on the clock of `ticks`. */
  downFrom: number | null;
  downtimeSeconds: number;
  /** ISO time until which this operation can be undone. */
  undoUntil: string | null;
  /** What a command of the product printed, for whoever asked and for nobody else. */
  printed: string | null;
}

export interface Program {
  steps: Step[];
  from: string | null;
  to: string | null;
  /** The end state when all steps are done. */
  endState: EndState;
  /** The end state when it failed and was undone, where that is not the old one, healthy: nothing was there to go back to. */
  failedState?: EndState;
  /** Called once it is over, however it ended, in the process that ran it. */
  cleanUp?: () => Promise<void>;
}

/** Builds a program from its data. */
export type ProgramBuilder = (scene: Scene, data: unknown) => Program;

/** An empty list of findings. */
function noFindings(): Findings {
  return {
    backup: null,
    verification: null,
    exported: null,
    drill: null,
    rehearsal: null,
    rescan: null,
    items: [],
    downFrom: null,
    downtimeSeconds: 0,
    undoUntil: null,
    printed: null,
  };
}

/** A scene with nothing found yet. `operation` is `plan` while nothing runs. */
export function makeScene(of: Pick<Scene, 'kit' | 'operation' | 'action' | 'install' | 'home' | 'descriptor' | 'before'>): Scene {
  return { ...of, folder: moultFolderOf(of.home), found: noFindings() };
}

/** The steps as a plan and an event show them. */
export function outline(program: Program): { id: string; title: string }[] {
  return program.steps.map((step) => ({ id: step.id, title: step.title }));
}

export type ReceiptSteps = Receipt['steps'];
