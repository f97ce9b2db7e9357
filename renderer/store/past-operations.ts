import type { Client } from '../../electron/api/client.ts';
import type { HistoryEntry, Receipt } from '../../electron/api/models.ts';
import { type Result, succeed } from '../../electron/api/result.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** What is still known of an operation that the stream no longer tells of. */
export interface PastOperation {
  receipt: Receipt | null;
  /** Its line in the history, asked for only where no receipt was kept. */
  entry: HistoryEntry | null;
}

/** As far back as the history can be asked at once. */
const longest = 1000;

export function createPastOperations(client: Client): Keyed<{ operation: string }, PastOperation> {
  return createKeyed(
    ({ operation }) => operation,
    ({ operation }) => ask(client, operation),
  );
}

async function ask(client: Client, operation: string): Promise<Result<PastOperation>> {
  const kept = await client.call('receipt', { operation });
  if (!kept.ok) return kept;
  if (kept.result !== null) return succeed({ receipt: kept.result, entry: null });
  const history = await client.call('history', { limit: longest });
  if (!history.ok) return history;
  return succeed({ receipt: null, entry: history.result.find((each) => each.operation === operation) ?? null });
}
