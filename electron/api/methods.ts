/**
 * The one agreement: every call that any face can make, with its kind and its input.
 * A `query` looks, a `command` changes something small at once, an `operation` returns an id at once and the rest arrives as events.
 * Preload, IPC, HTTP, the command line and test doubles are all derived from this table.
 */
import { z } from 'zod';
import type * as model from './models.ts';
import type * as protection from './protection.ts';
import type * as safe from './safekeeping.ts';

const install = z.string().min(1).max(200);
const path = z.string().min(1).max(4096);
const release = z.string().min(1).max(200);
const whichInstall = z.object({ install: install.optional() });
/** Items that are to go although they hold work that stands nowhere else. */
const including = z.array(z.string().min(1).max(100)).max(50).optional();
/** A passphrase or a secret key: it is passed on and used, never stored and never shown. */
const secret = z.string().min(1).max(4096);
/** Bytes a second. */
const limit = z.number().int().min(1024);
const consent = { digest: z.string().max(128).optional() };
/**
 * Of a backup only these items and files; without both, all of it. A file, or a folder with all that is in it, goes by its name in the
 * backup (`notes/a.md`: below the home folder) or by its absolute path.
 */
const choice = {
  items: z.array(z.string().min(1).max(100)).max(100).optional(),
  files: z.array(path).max(10_000).optional(),
  /** Puts data back beside secrets that differ from those of the backup. */
  keepSecrets: z.boolean().optional(),
};

/** Makes the install that is restored, at `home` or where it was; without it only when there is none of its product. */
const anew = z.boolean().optional();

const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time such as 02:30');
const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const generations = z.number().int().min(0).max(1000);
/** What is left out stays as it is set, or as it usually is. */
const scheduleChange = z.strictObject({
  every: z.enum(['day', 'week', 'change']).optional(),
  window: z.strictObject({ from: time, to: time }).optional(),
  weekday: z.number().int().min(0).max(6).optional(),
  keep: z
    .strictObject({ last: generations.min(1), daily: generations, weekly: generations, monthly: generations })
    .partial()
    .optional(),
  drill: z.enum(['each', 'week', 'never']).optional(),
  readBack: bytes.optional(),
  reserve: bytes.optional(),
});

export const methods = {
  products: { kind: 'query', input: z.object({ from: path.optional() }) },
  installs: { kind: 'query', input: z.object({}) },
  discover: { kind: 'query', input: z.object({ product: z.string().max(100).optional(), home: path.optional() }) },
  status: { kind: 'query', input: whichInstall.extend({ offline: z.boolean().optional() }) },
  check: { kind: 'query', input: whichInstall.extend({ to: release.optional() }) },
  plan: {
    kind: 'query',
    input: whichInstall.extend({
      action: z
        .enum(['set-up', 'adopt', 'upgrade', 'roll-back', 'back-up', 'restore', 'uninstall', 'purge', 'fresh-start', 'undo'])
        .optional(),
      to: release.optional(),
      input: path.optional(),
      ...choice,
      anew,
      including,
      product: z.string().max(100).optional(),
      home: path.optional(),
      name: install.optional(),
      channel: z.string().max(100).optional(),
      port: z.number().int().min(1).max(65535).optional(),
    }),
  },
  backups: { kind: 'query', input: whichInstall },
  /** What was written since a backup; without `input`, since the one from before the last upgrade. */
  compare: {
    kind: 'query',
    input: whichInstall.extend({
      input: path.optional(),
      /** Only files whose name holds this text are listed; all are counted. */
      search: z.string().max(1000).optional(),
      /** The most files that are listed; 10,000 without it. */
      limit: z.number().int().min(0).max(100_000).optional(),
      /** Compares the rows of datastores too, for which the backup's are unpacked aside. */
      rows: z.boolean().optional(),
    }),
  },
  drift: { kind: 'query', input: whichInstall.extend({ to: release.optional() }) },
  history: { kind: 'query', input: whichInstall.extend({ limit: z.number().int().min(1).max(1000).optional() }) },
  /** What an operation of the history did, with the hashes; null where none was kept. */
  receipt: { kind: 'query', input: z.object({ operation: z.string().min(1).max(100) }) },
  logs: {
    kind: 'query',
    input: whichInstall.extend({
      lines: z.number().int().min(1).max(100_000).optional(),
      /** Goes on from the `end` of an earlier answer instead of the last lines. */
      from: z.number().int().min(0).optional(),
    }),
  },
  schedule: { kind: 'query', input: whichInstall },
  /** Null switches it off. */
  setSchedule: { kind: 'command', input: whichInstall.extend({ schedule: scheduleChange.nullable() }) },
  /** Does what is due, of one install or of all, and answers when it is done. Only one process does so at a time. */
  runSchedule: { kind: 'command', input: whichInstall },
  /** Removes the backups that the schedule does not keep. `dry`: only tells. */
  prune: { kind: 'command', input: whichInstall.extend({ dry: z.boolean().optional() }) },
  /** What the product of an install can do by commands of its own. */
  actions: { kind: 'query', input: whichInstall },
  /** A text to send with a problem; secrets are taken out. */
  report: { kind: 'query', input: whichInstall },
  setChannel: { kind: 'command', input: whichInstall.extend({ channel: z.string().min(1).max(100) }) },
  /** Nothing newer than this release is offered or upgraded to, until the pin is set elsewhere or taken off with null. */
  setPin: { kind: 'command', input: whichInstall.extend({ pin: release.nullable() }) },
  addProducts: { kind: 'command', input: z.object({ from: path }) },
  /** Where second copies of an install's backups go, and how each place is now. */
  destinations: { kind: 'query', input: whichInstall },
  addDestination: { kind: 'command', input: whichInstall.extend({ folder: path }) },
  removeDestination: { kind: 'command', input: whichInstall.extend({ folder: path }) },
  limits: { kind: 'query', input: z.object({}) },
  setLimits: { kind: 'command', input: z.object({ bytesPerSecond: limit.nullable() }) },
  encryption: { kind: 'query', input: whichInstall },
  /** For whom the backups of an install are locked. A key is tried before anything counts as encrypted. */
  setEncryption: {
    kind: 'command',
    input: whichInstall.extend({
      recipients: z.array(z.string().min(1).max(4096)).max(50).optional(),
      /** Secret keys, to be tried and forgotten. */
      identities: z.array(secret).max(50).optional(),
      /** Files with secret keys that open backups on this machine. */
      identityFiles: z.array(path).max(50).optional(),
      passphraseFile: path.optional(),
      keptElsewhere: z.boolean().optional(),
      off: z.boolean().optional(),
    }),
  },
  makeKey: { kind: 'command', input: z.object({ path }) },
  /** Opens an encrypted backup for this process; without a key it tries those that the settings name. */
  unlock: {
    kind: 'command',
    input: z.object({ backup: path, passphrase: secret.optional(), identities: z.array(secret).max(50).optional() }),
  },
  /** Holds a passphrase in memory for one backup; `backUp` names it by what this answers. */
  holdPassphrase: { kind: 'command', input: z.object({ passphrase: secret, again: z.string().max(4096).optional() }) },
  setUp: {
    kind: 'operation',
    input: z.object({
      product: z.string().min(1).max(100),
      home: path.optional(),
      release: release.optional(),
      channel: z.string().min(1).max(100).optional(),
      name: install.optional(),
      /** The port that the product is to listen on; without it the descriptor's own. */
      port: z.number().int().min(1).max(65_535).optional(),
      start: z.boolean().optional(),
      ...consent,
    }),
  },
  adopt: {
    kind: 'operation',
    input: z.object({
      product: z.string().min(1).max(100),
      home: path.optional(),
      name: install.optional(),
      channel: z.string().min(1).max(100).optional(),
    }),
  },
  start: { kind: 'operation', input: whichInstall },
  stop: { kind: 'operation', input: whichInstall },
  restart: { kind: 'operation', input: whichInstall },
  upgrade: { kind: 'operation', input: whichInstall.extend({ to: release.optional(), ...consent }) },
  rollBack: { kind: 'operation', input: whichInstall.extend({ ...consent }) },
  backUp: {
    kind: 'operation',
    input: whichInstall.extend({
      output: path.optional(),
      /** Locks this backup for these public keys, whatever the install's setting says. */
      recipients: z.array(z.string().min(1).max(4096)).max(50).optional(),
      /** Locks it with the passphrase that `holdPassphrase` holds under this name. */
      held: z.string().max(100).optional(),
      /** Bytes a second for this one, whatever the setting says. */
      limit: limit.optional(),
    }),
  },
  /** Copies what has no second copy yet to the install's destinations. */
  copy: { kind: 'operation', input: whichInstall.extend({ limit: limit.optional() }) },
  verify: { kind: 'operation', input: z.object({ input: path }) },
  restore: {
    kind: 'operation',
    /** With `output` into that new folder, beside the install, which is not touched. */
    input: whichInstall.extend({ input: path, ...choice, output: path.optional(), home: path.optional(), anew, ...consent }),
  },
  /** Writes what `compare` tells into a new folder: files, and rows as JSON Lines. */
  export: { kind: 'operation', input: whichInstall.extend({ input: path.optional(), output: path.optional() }) },
  /** Without a backup: the newest of the install. */
  drill: { kind: 'operation', input: whichInstall.extend({ backup: path.optional() }) },
  /**
   * Tries an upgrade on a copy: the releases up to `to` (without it the newest on the channel) are started one after another on what a backup holds
   * (without one the newest that is whole). The install itself is not touched.
   */
  rehearse: { kind: 'operation', input: whichInstall.extend({ to: release.optional(), backup: path.optional() }) },
  /** Reads the manifests of all backups below a folder. With an install: those of its product that nobody owns become its own. */
  rescan: { kind: 'operation', input: whichInstall.extend({ folder: path }) },
  uninstall: { kind: 'operation', input: whichInstall.extend({ purge: z.boolean().optional(), including, ...consent }) },
  freshStart: { kind: 'operation', input: whichInstall.extend({ release: release.optional(), including, ...consent }) },
  undo: { kind: 'operation', input: whichInstall.extend({ operation: z.string().max(100).optional() }) },
  recover: { kind: 'operation', input: whichInstall },
  runAction: { kind: 'operation', input: whichInstall.extend({ action: z.string().min(1).max(100) }) },
} as const;

export type MethodName = keyof typeof methods;
export type MethodInput<M extends MethodName> = z.input<(typeof methods)[M]['input']>;
export type OperationName = { [M in MethodName]: (typeof methods)[M]['kind'] extends 'operation' ? M : never }[MethodName];
export type QueryName = Exclude<MethodName, OperationName>;

/** What each query and command answers. */
export interface QueryResults {
  products: model.ProductSummary[];
  installs: model.InstallSummary[];
  discover: model.Discovery[];
  status: model.Status;
  check: { checks: model.CheckResult[] };
  plan: model.Plan;
  backups: model.Backup[];
  compare: model.Comparison;
  drift: model.DriftReport;
  history: model.HistoryEntry[];
  receipt: model.Receipt | null;
  logs: model.LogChunk;
  schedule: protection.ScheduleState;
  setSchedule: protection.ScheduleState;
  runSchedule: protection.ScheduleRun;
  prune: protection.Pruning;
  actions: model.ProductAction[];
  report: { text: string };
  setChannel: model.InstallSummary;
  setPin: model.InstallSummary;
  addProducts: model.ProductSummary[];
  encryption: safe.EncryptionState;
  destinations: safe.Destination[];
  addDestination: safe.Destination[];
  removeDestination: safe.Destination[];
  limits: safe.Limits;
  setLimits: safe.Limits;
  setEncryption: safe.EncryptionState;
  makeKey: { path: string; recipient: string };
  unlock: safe.Unlocked;
  holdPassphrase: { held: string };
}

/** The contract of the engine as every face sees it. Failures are thrown as `Failure` inside the process. */
export type Api = { [Q in QueryName]: (input: MethodInput<Q>) => Promise<QueryResults[Q]> } & {
  [O in OperationName]: (input: MethodInput<O>) => Promise<{ operation: string }>;
};
