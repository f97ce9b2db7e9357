/**
 * Expected failures are data: a closed union of codes, a sentence for a person, and a remedy that an app can run.
 * Faces explain them; nothing ever parses a message.
 */

/** Every way in which Moult can say no. The group decides the exit code of the command line, see `outcomeOf`. */
export const failureGroups = {
  usage: ['bad-input', 'unknown-product', 'unknown-install', 'unknown-release', 'unknown-backup', 'unknown-operation'],
  refused: [
    'bad-descriptor',
    'bad-home',
    'home-in-use',
    'name-in-use',
    'not-an-install',
    'feed-unreachable',
    'bad-feed',
    'wrong-checksum',
    'bad-archive',
    'newer-format',
    'bad-backup',
    'check-failed',
    'no-space',
    'port-in-use',
    'locked',
    'bad-config',
    'downgrade',
    'no-path',
    'quarantined',
    'pinned',
    'schema-ahead',
    'schema-dirty',
    'plan-changed',
    'nothing-to-do',
    'nothing-to-undo',
    'not-confirmed',
    'unsupported',
    'outside-roots',
    'needs-key',
    'wrong-key',
    'foreign-secrets',
  ],
  failed: ['io', 'service-failed', 'health-failed', 'timeout', 'command-failed', 'rehearsal-failed', 'internal'],
  'rolled-back': ['rolled-back'],
  interrupted: ['interrupted', 'undo-failed'],
  cancelled: ['cancelled'],
} as const;

export type FailureGroup = keyof typeof failureGroups;
export type FailureCode = (typeof failureGroups)[FailureGroup][number];

/** What a person (or an app on their behalf) can do next. */
export type RemedyAction =
  | 'retry'
  | 'free-space'
  | 'roll-back'
  | 'restore-backup'
  | 'choose-folder'
  | 'choose-release'
  | 'unpin'
  | 'upgrade-binary'
  | 'upgrade-moult'
  | 'open-log'
  | 'edit-config'
  | 'edit-descriptor'
  | 'start-service'
  | 'stop-service'
  | 'recover'
  | 'wait'
  | 'set-up'
  | 'confirm'
  | 'check-network'
  | 'accept'
  | 'reinstall-release'
  | 'give-key'
  | 'show-help';

export interface Remedy {
  action: RemedyAction;
  /** One imperative sentence: "Restore a backup that was made by 1.1.0." */
  text: string;
  /** The command line that does the same, when there is one. */
  command?: string;
}

/** A failure as it crosses a wire. */
export interface FailureData {
  code: FailureCode;
  /** What happened, in one or two short sentences; names the path, the value and what was allowed. */
  message: string;
  remedy?: Remedy;
  /** Machine-readable particulars: paths, versions, numbers. */
  details?: Record<string, unknown>;
  /** The failure underneath, when one caused this one. */
  cause?: { code?: string; message: string };
}

const groupByCode = new Map<string, FailureGroup>(
  Object.entries(failureGroups).flatMap(([group, codes]) => codes.map((code) => [code, group as FailureGroup] as const)),
);

/** The group a code belongs to. */
export function groupOf(code: FailureCode): FailureGroup {
  return groupByCode.get(code) ?? 'failed';
}

/** What the product printed last before it failed, where that is known: lines without secrets. */
export function lastLines({ details }: Pick<FailureData, 'details'>): string[] {
  const log = details?.['log'];
  return Array.isArray(log) ? log.filter((line) => typeof line === 'string') : [];
}

/** An expected failure on its way up. Thrown inside the engine, turned into `FailureData` at its edge. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly remedy: Remedy | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: FailureCode, message: string, more: { remedy?: Remedy; details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Failure';
    this.code = code;
    this.remedy = more.remedy;
    this.details = more.details;
  }
}

/** A failure that crossed a wire, or was kept as data, on its way up again. */
export function failureFrom(data: FailureData): Failure {
  const { code, message, remedy, details } = data;
  return new Failure(code, message, { ...(remedy && { remedy }), ...(details && { details }) });
}

/** Any thrown thing as data. What is not a `Failure` is a bug or an unforeseen system error and becomes `internal` or `io`. */
export function toFailureData(error: unknown): FailureData {
  if (error instanceof Failure) {
    return {
      code: error.code,
      message: error.message,
      ...(error.remedy && { remedy: error.remedy }),
      ...(error.details && { details: error.details }),
      ...(error.cause !== undefined && { cause: describeCause(error.cause) }),
    };
  }
  const cause = describeCause(error);
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
    return {
      code: 'no-space',
      message: `the disk is full: ${cause.message}`,
      remedy: { action: 'free-space', text: 'Free some space, then try again.' },
      cause,
    };
  }
  return { code: cause.code === undefined ? 'internal' : 'io', message: cause.message, cause };
}

function describeCause(cause: unknown): { code?: string; message: string } {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const code = (cause as { code?: unknown }).code;
  return { ...(typeof code === 'string' && { code }), message: cause.message };
}
