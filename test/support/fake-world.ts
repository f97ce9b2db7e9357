/** The small world of the fake engine: one install of the sample, an upgrade that waits, a backup from two days ago. */
import type { FailureData } from '../../electron/api/failure.ts';
import type { OperationName, QueryName, QueryResults } from '../../electron/api/methods.ts';
import type {
  ActionKind,
  Backup,
  BackupMade,
  CheckResult,
  Comparison,
  DriftReport,
  Finding,
  HistoryEntry,
  InstallSummary,
  OperationOutcome,
  Plan,
  PlanItem,
  ProductSummary,
  Receipt,
  Status,
  Verification,
} from '../../electron/api/models.ts';
import type { DrillReport, Pruning, RehearsalReport, Rescan, ScheduleRun, ScheduleState } from '../../electron/api/protection.ts';
import type { EncryptionState } from '../../electron/api/safekeeping.ts';

/** The moment at which the tests take place. */
export const present = '2026-03-06T05:06:07.000Z';
const hash = 'ab'.repeat(32);

export const product: ProductSummary = {
  product: 'sprig',
  title: 'Sprig Lite',
  summary: 'A small notes server.',
  links: { home: 'https://example.org/sprig' },
  home: '/home/ann/.sprig',
  source: '/opt/moult/products/sprig.yaml',
  bundled: true,
  channels: [
    { channel: 'stable', note: 'Finished releases' },
    { channel: 'next', note: null },
  ],
};

export const install: InstallSummary = {
  install: 'sprig',
  product: 'sprig',
  title: 'Sprig Lite',
  release: '1.0.0',
  channel: 'stable',
  pin: null,
  home: '/home/ann/.sprig',
};

/** Of an install whose config file was saved half-way. */
export const configProblem: FailureData = {
  code: 'bad-config',
  message: '/home/ann/.sprig/config.yaml:4:1 cannot be read: a quote is not closed',
  remedy: { action: 'edit-config', text: 'Correct the file, or restore it from a backup.' },
  details: { path: '/home/ann/.sprig/config.yaml', line: 4, column: 1, what: 'a quote is not closed' },
};

export const status: Status = {
  ...install,
  schema: { version: '2', known: '2' },
  service: { state: 'running', pid: 4711, since: '2026-03-06T03:06:07.000Z', port: 8377 },
  health: 'healthy',
  healthDetail: null,
  configProblem: null,
  update: { latest: '2.0.0', notes: null, notesAt: null, held: null, quarantined: [], error: null },
  lastBackup: { id: 'b-1', at: '2026-03-04T05:06:07.000Z', verdict: 'proven' },
  protection: { provenAt: '2026-03-04T05:06:17.000Z', scheduled: true, next: '2026-03-07T02:00:00.000Z', missed: null, warning: null },
  interrupted: null,
  busy: null,
};

export const checks: CheckResult[] = [
  { check: 'disk-space', title: 'Disk space', status: 'pass', message: '12 MiB needed, 3 GiB free' },
  {
    check: 'git',
    title: 'Uncommitted work',
    status: 'warn',
    message: 'the workspace has 2 changed files',
    remedy: { action: 'accept', text: 'Commit them, or go on.' },
  },
];

function item(named: Pick<PlanItem, 'item' | 'title' | 'fate'> & Partial<PlanItem>): PlanItem {
  return { what: named.title, note: null, paths: [], files: 0, bytes: 0, before: null, after: null, list: [], ...named };
}

export const plan: Plan = {
  action: 'upgrade',
  install: 'sprig',
  product: 'sprig',
  home: '/home/ann/.sprig',
  from: '1.0.0',
  to: '2.0.0',
  path: [
    { release: '1.2.0', kind: 'minor', because: '2.0 moves the tags out of the old table, which 1.2 prepares', bytes: 20_480 },
    { release: '2.0.0', kind: 'major' },
  ],
  items: [
    item({
      item: 'workspace',
      title: 'Workspace',
      fate: 'preserve',
      paths: ['/home/ann/.sprig/notes'],
      files: 12,
      bytes: 34_816,
      before: 'unchanged',
      after: 'unchanged',
      note: 'Sprig reads and writes them; an upgrade never does.',
      list: [{ path: '/home/ann/.sprig/notes/first.md', bytes: 2048, change: 'same' }],
    }),
    item({ item: 'admin-login', title: 'Admin login', fate: 'preserve', paths: ['config.yaml: admin.user'] }),
    item({
      item: 'datastore',
      title: 'Datastore',
      fate: 'migrate',
      paths: ['/home/ann/.sprig/data/sprig.db'],
      files: 1,
      bytes: 1_048_576,
      before: 'schema 2',
      after: 'schema 6',
    }),
    item({
      item: 'binaries',
      title: 'Binaries',
      fate: 'replace',
      paths: ['/home/ann/.sprig/.moult/slots/1.0.0'],
      files: 14,
      bytes: 122_880,
      before: '1.0.0',
      after: '2.0.0',
    }),
  ],
  strays: [{ path: '/home/ann/.sprig/todo.txt', bytes: 10, change: 'kept' }],
  checks,
  space: [
    { volume: '/', needed: 1000, free: 1_000_000, phases: [{ phase: 'staging', bytes: 1000 }] },
    { volume: '/mnt/small', needed: 5000, free: 6000, phases: [{ phase: 'backup', bytes: 5000 }] },
  ],
  downtime: 6.2,
  configChanges: [{ file: 'config.yaml', option: 'title', change: 'renamed', message: 'site_title from 2.0.0 on' }],
  warnings: ['Release 2.0.0 cannot read the old tags.'],
  steps: [
    { id: 'stage', title: 'Stage 2.0.0' },
    { id: 'switch', title: 'Switch' },
  ],
  digest: 'digest-1',
};

export const finding: Finding = {
  kind: 'schema-ahead',
  severity: 'problem',
  subject: 'datastore',
  expected: 'at most 15',
  found: '18',
  message: 'datastore is at schema version 18 but release 1.1.0 only knows up to 15',
  remedy: { action: 'choose-release', text: 'Upgrade to a release that knows 18.', command: 'moult upgrade sprig' },
  alternatives: [{ action: 'restore-backup', text: 'Restore a backup that 1.1.0 made.', command: 'moult restore sprig --input ID' }],
};

export const drift: DriftReport = {
  install: 'sprig',
  release: '1.1.0',
  target: null,
  findings: [finding],
  unknown: [{ detector: 'runtime', reason: 'no VERSION file' }],
};

export const backup: Backup = {
  id: 'b-1',
  path: '/mnt/disk/sprig.tar.zst',
  bytes: 500_000,
  files: 15,
  sha256: hash,
  install: 'sprig',
  product: 'sprig',
  release: '1.0.0',
  schema: '2',
  at: '2026-03-04T05:06:07.000Z',
  reason: 'asked',
  verdict: 'unproven',
  provenAt: null,
  drilledAt: null,
  installId: 'i-1',
  foreign: false,
  missing: false,
  verifiedAt: null,
  problem: null,
};

export const scheduleState: ScheduleState = {
  install: 'sprig',
  schedule: {
    every: 'day',
    window: { from: '02:00', to: '05:00' },
    weekday: 0,
    keep: { last: 3, daily: 7, weekly: 4, monthly: 6 },
    drill: 'week',
    readBack: 2 * 1024 ** 3,
    reserve: 1024 ** 3,
    since: '2026-03-01T05:06:07.000Z',
  },
  next: '2026-03-07T02:00:00.000Z',
  missed: null,
  last: { at: '2026-03-06T02:00:30.000Z', problem: null },
  space: { volume: '/home', needed: 1_200_000, free: 3 * 1024 ** 3, reserve: 1024 ** 3 },
};

export const drill: DrillReport = {
  backup: 'b-1',
  path: backup.path,
  release: '1.0.0',
  code: 'slot',
  verdict: 'proven',
  files: 15,
  schema: { expected: '2', found: '2' },
  rows: { tables: 6, rows: 120 },
  healthyAfter: 4.6,
  notes: [],
};

export const rehearsal: RehearsalReport = {
  backup: 'b-1',
  path: backup.path,
  from: '1.0.0',
  release: '2.0.0',
  hops: [
    { release: '1.2.0', schema: { before: '2', after: '4' }, seconds: 1.2, learned: null },
    { release: '2.0.0', schema: { before: '4', after: '6' }, seconds: 3.4, learned: '6' },
  ],
  schema: { before: '2', after: '6' },
  seconds: 4.6,
  rows: { tables: 6, fewer: [{ table: 'drafts', before: 12, after: null }] },
  notes: [],
};

export const rescan: Rescan = {
  folder: '/mnt/disk',
  files: 2,
  added: [backup],
  moved: [{ id: 'b-0', from: '/mnt/disk/old.tar.zst', to: '/mnt/disk/older.tar.zst' }],
  copies: [],
  missing: [],
  foreign: [],
  adopted: [],
  unreadable: [{ path: '/mnt/disk/torn.tar.zst', problem: 'it ends early' }],
};

export const scheduleRun: ScheduleRun = {
  at: '2026-03-06T05:06:07.000Z',
  actedBy: null,
  deeds: [
    { install: 'sprig', what: 'backup', outcome: 'done', text: 'Backed up to /mnt/disk/sprig.tar.zst' },
    { install: 'sprig', what: 'drill', outcome: 'done', text: 'The newest backup is proven.' },
  ],
};

export const pruning: Pruning = {
  install: 'sprig',
  removed: [{ ...backup, id: 'b-0', path: '/mnt/disk/old.tar.zst', reason: 'scheduled' }],
  kept: [{ id: 'b-1', at: backup.at, because: ['you asked for it', 'it is among the newest'] }],
  bytes: 500_000,
  copies: { removed: 1, waiting: 0 },
  dry: false,
};

export const backupMade: BackupMade = { ...backup, seconds: 1.25, downtimeSeconds: 0, contentBytes: 1_200_000 };

export const verification: Verification = {
  id: 'b-1',
  path: backup.path,
  verdict: 'unproven',
  files: 15,
  bytes: 500_000,
  seconds: 0.2,
  problems: [],
};

export const entry: HistoryEntry = {
  operation: 'op-0',
  action: 'upgrade',
  install: 'sprig',
  from: '1.0.0',
  to: '1.2.0',
  startedAt: '2026-03-05T05:06:07.000Z',
  endedAt: '2026-03-05T05:06:17.000Z',
  outcome: 'done',
  endState: 'new-and-healthy',
  message: null,
  undoUntil: '2026-03-12T05:06:17.000Z',
};

const noFiles = { files: 0, bytes: 0 };
const unchanged = { added: noFiles, changed: noFiles, removed: noFiles, differs: false, tables: null, tablesProblem: null, together: null };

/** Since the backup: a note was added, one changed and one removed; the datastore went on with it. */
export const comparison: Comparison = {
  install: 'sprig',
  backup: { id: 'b-1', path: '/backups/sprig.tar.zst', at: '2026-03-04T05:06:07.000Z', release: '1.0.0' },
  items: [
    {
      ...unchanged,
      item: 'workspace',
      title: 'Workspace',
      kind: 'files',
      added: { files: 1, bytes: 900 },
      changed: { files: 1, bytes: 2048 },
      removed: { files: 1, bytes: 300 },
    },
    {
      ...unchanged,
      item: 'datastore',
      title: 'Datastore',
      kind: 'datastore',
      tables: [
        { table: 'notes', was: 3, is: 3, added: 1, changed: 1, removed: 1 },
        { table: 'tags', was: 2, is: 2, added: 0, changed: 0, removed: 0 },
      ],
      together: 'its schema is 2, and what is there is at 6; files that were migrated with it would not fit to it',
    },
    { ...unchanged, item: 'signing-secret', title: 'JWT signing secret', kind: 'keys', differs: true },
  ],
  files: [
    { item: 'workspace', file: 'notes/first.md', path: '/home/ann/.sprig/notes/first.md', change: 'changed', bytes: 2048, was: 1024 },
    { item: 'workspace', file: 'notes/new.md', path: '/home/ann/.sprig/notes/new.md', change: 'added', bytes: 900, was: 0 },
    { item: 'workspace', file: 'notes/gone.md', path: '/home/ann/.sprig/notes/gone.md', change: 'removed', bytes: 0, was: 300 },
  ],
  matches: 3,
};

const encryption: EncryptionState = {
  install: 'sprig',
  by: null,
  recipients: [],
  passphraseFile: null,
  identityFiles: [],
  keyOnlyHere: false,
  keptElsewhere: false,
};

/** What each query answers as long as a test does not say otherwise. */
export const queryAnswers: { [Q in QueryName]: (input: Record<string, unknown>) => QueryResults[Q] } = {
  products: () => [product],
  addProducts: () => [{ ...product, product: 'mine', bundled: false, source: '/home/ann/mine.yaml' }],
  installs: () => [install],
  discover: () => [{ product: 'sprig', home: '/home/ann/.sprig', release: '1.0.0', evidence: 'release.json' }],
  status: () => status,
  check: () => ({ checks }),
  plan: (input) => ({ ...plan, action: (input['action'] as ActionKind | undefined) ?? 'upgrade' }),
  backups: () => [backup],
  compare: () => comparison,
  drift: () => drift,
  history: () => [entry],
  schedule: () => scheduleState,
  setSchedule: (input) => ({ ...scheduleState, ...(input['schedule'] === null && { schedule: null, next: null }) }),
  runSchedule: () => scheduleRun,
  prune: (input) => ({ ...pruning, dry: input['dry'] === true }),
  receipt: () => null,
  logs: (input) =>
    input['from'] === undefined
      ? { path: '/home/ann/.sprig/logs/sprig.log', text: 'one\ntwo\n', end: 8 }
      : { path: '/log', text: '', end: 8 },
  actions: () => [{ action: 'reset-password', title: 'Reset the password', what: 'Makes a new password and shows it once.' }],
  report: () => ({ text: '## Moult\n\nversion 0.1.0\n' }),
  setChannel: (input) => ({ ...install, channel: String(input['channel']) }),
  setPin: (input) => ({ ...install, pin: typeof input['pin'] === 'string' ? input['pin'] : null }),
  destinations: () => [],
  addDestination: () => [],
  removeDestination: () => [],
  limits: () => ({ bytesPerSecond: null }),
  setLimits: () => ({ bytesPerSecond: null }),
  encryption: () => encryption,
  setEncryption: () => encryption,
  makeKey: (input) => ({ path: String(input['path']), recipient: 'age1ann' }),
  unlock: (input) => ({ path: String(input['backup']), open: true, takes: null }),
  holdPassphrase: () => ({ held: 'h-1' }),
};

/** The action that each operation is when its input says nothing else. */
export const actions: Record<OperationName, ActionKind> = {
  setUp: 'set-up',
  adopt: 'adopt',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  upgrade: 'upgrade',
  rollBack: 'roll-back',
  backUp: 'back-up',
  verify: 'verify',
  drill: 'drill',
  rehearse: 'rehearse',
  rescan: 'rescan',
  copy: 'copy',
  restore: 'restore',
  export: 'export',
  uninstall: 'uninstall',
  freshStart: 'fresh-start',
  undo: 'undo',
  recover: 'recover',
  runAction: 'run',
};

export function receiptOf(action: ActionKind): Receipt {
  return {
    operation: 'op-1',
    action,
    install: 'sprig',
    from: '1.0.0',
    to: '2.0.0',
    endState: 'new-and-healthy',
    startedAt: '2026-03-06T05:06:07.000Z',
    endedAt: '2026-03-06T05:06:21.000Z',
    seconds: 14,
    downtimeSeconds: 2.1,
    backup: 'b-2',
    items: [
      { item: 'workspace', fate: 'preserve', before: hash, after: hash, unchanged: true, files: 12, bytes: 34_816 },
      { item: 'datastore', fate: 'migrate', before: 'schema 2', after: 'schema 6', unchanged: false, files: 1, bytes: 1_048_576 },
      { item: 'binaries', fate: 'replace', before: hash, after: hash.replaceAll('a', 'c'), unchanged: false, files: 14, bytes: 122_880 },
    ],
    steps: [{ id: 'one', title: 'First step', seconds: 2.5, outcome: 'done' }],
    reason: null,
  };
}

export function outcomeOf(action: ActionKind): OperationOutcome {
  const hasReceipt = ['upgrade', 'restore', 'roll-back'].includes(action);
  return {
    operation: 'op-1',
    action,
    install: 'sprig',
    from: '1.0.0',
    to: hasReceipt ? '2.0.0' : '1.0.0',
    endState: hasReceipt ? 'new-and-healthy' : 'done',
    receipt: hasReceipt ? receiptOf(action) : null,
  };
}
