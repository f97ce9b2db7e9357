/** The report of the engine, with what only this window knows. Nothing is sent anywhere by itself. */
import type { Client, RunningOperation } from '../../../../electron/api/client.ts';
import { redact } from '../../../../electron/api/redact.ts';

export interface ReportFacts {
  install: string;
  /** Which browser, or which Electron. */
  face: string;
  operations: readonly RunningOperation[];
}

/** Asks the engine for its report and adds this face to it. What cannot be had is said to be missing. */
export async function writeReport(client: Client, { install, face, operations }: ReportFacts): Promise<string> {
  const answer = await client.call('report', { install });
  const parts: [string, string][] = [
    ['Shown by', face],
    ['Operations', operations.length === 0 ? 'none since Moult started' : JSON.stringify(operations.map(withoutLists), null, 2)],
  ];
  const own = redact(parts.map(([title, text]) => `## ${title}\n\n${text}\n`).join('\n'));
  return answer.ok ? `${answer.result.text}\n${own}` : `not known: ${answer.error.code}, ${answer.error.message}\n\n${own}`;
}

/** File lists say which notes a person keeps; they help nobody. */
function withoutLists(operation: RunningOperation): unknown {
  const plan = operation.ended?.outcome?.plan;
  if (operation.ended === null || plan === undefined) return operation;
  return { ...operation, ended: { ...operation.ended, outcome: { ...operation.ended.outcome, plan: null } } };
}
