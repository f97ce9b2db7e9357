/** A text that helps somebody else to see what is wrong. Secrets are taken out; nothing is sent anywhere by itself. */
import type { Client, RunningOperation } from '../../../../electron/api/client.ts';
import type { Result } from '../../../../electron/api/result.ts';
import type { Status } from '../../../../electron/api/models.ts';
import { redact } from '../../../wording/redact.ts';

/** Lines of the log and operations of the history that go into a report. */
const logLines = 200;
const pastOperations = 20;

export interface ReportFacts {
  version: string;
  /** Which browser, or which Electron. */
  face: string;
  now: string;
  status: Status;
  operations: readonly RunningOperation[];
}

/** Asks for what a report needs and writes it. What cannot be had is said to be missing. */
export async function writeReport(client: Client, facts: ReportFacts): Promise<string> {
  const { install } = facts.status;
  const [plan, checks, drift, history, log] = await Promise.all([
    client.call('plan', { install, action: 'upgrade' }),
    client.call('check', { install }),
    client.call('drift', { install }),
    client.call('history', { install, limit: pastOperations }),
    client.call('logs', { install, lines: logLines }),
  ]);
  const parts: [string, string][] = [
    ['Moult', `version ${facts.version}\nface ${facts.face}\nwritten ${facts.now}`],
    ['Status', json(facts.status)],
    ['Operations', facts.operations.length === 0 ? 'none since Moult started' : json(facts.operations.map(withoutLists))],
    [
      'Plan of the next upgrade',
      shown(plan, (value) => ({ ...value, items: value.items.map((item) => ({ ...item, list: [] })), strays: value.strays.length })),
    ],
    ['Checks', shown(checks)],
    ['Drift', shown(drift)],
    ['History', shown(history)],
    ['Log', log.ok ? `${log.result.path}\n\n${log.result.text}` : failed(log)],
  ];
  return redact(parts.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n'));
}

function shown<T>(answer: Result<T>, trim: (value: T) => unknown = (value) => value): string {
  return answer.ok ? json(trim(answer.result)) : failed(answer);
}

function failed(answer: { ok: false; error: { code: string; message: string } }): string {
  return `not known: ${answer.error.code}, ${answer.error.message}`;
}

/** File lists say which notes a person keeps; they help nobody. */
function withoutLists(operation: RunningOperation): unknown {
  const plan = operation.ended?.outcome?.plan;
  if (operation.ended === null || plan === undefined) return operation;
  return { ...operation, ended: { ...operation.ended, outcome: { ...operation.ended.outcome, plan: null } } };
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
