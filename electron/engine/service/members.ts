/**
 * Which processes belong to a service: the one that was started, its session and group, what descends from it, and whatever carries
 * its mark. The mark also finds what left the group, what outlived the first process, and what a killed Moult had just started.
 */
import { processTable, carriesVariable, type ProcessEntry } from '../platform/process-table.ts';
import { isSame } from '../platform/processes.ts';
import { markVariable, type ServiceRecord } from './record.ts';

export interface Members {
  /** The process that was started, while it lives. */
  leader: ProcessEntry | null;
  /** All that belongs to it, itself included. */
  all: ProcessEntry[];
}

/** Looks through all processes of the machine. */
export async function membersOf(record: ServiceRecord): Promise<Members> {
  const table = await processTable();
  const marked = await markedOf(table, record.mark);
  const leader =
    table.find((entry) => (record.pid === null ? marked.has(entry.pid) && entry.session === entry.pid : isLeader(entry, record))) ?? null;
  const belonging = new Set(marked);
  if (leader !== null) {
    // A group's or session's number is only trusted while its leader lives: afterwards it could be somebody else's.
    for (const entry of table) if (entry.session === leader.pid || entry.group === leader.pid) belonging.add(entry.pid);
    belonging.add(leader.pid);
    addDescendants(table, belonging);
  }
  return { leader, all: table.filter((entry) => belonging.has(entry.pid)) };
}

/** The process that was started, while it lives. Cheap where its pid is known. */
export async function leaderOf(record: ServiceRecord): Promise<number | null> {
  if (record.pid === null || record.start === null) return (await membersOf(record)).leader?.pid ?? null;
  return (await isSame(record.pid, record.start)) ? record.pid : null;
}

function isLeader(entry: ProcessEntry, record: ServiceRecord): boolean {
  return entry.pid === record.pid && entry.start === record.start;
}

async function markedOf(table: readonly ProcessEntry[], mark: string): Promise<Set<number>> {
  const answers = await Promise.all(table.map((entry) => carriesVariable(entry.pid, markVariable, mark)));
  return new Set(table.filter((_, index) => answers[index]).map((entry) => entry.pid));
}

function addDescendants(table: readonly ProcessEntry[], belonging: Set<number>): void {
  for (let before = -1; before !== belonging.size;) {
    before = belonging.size;
    for (const entry of table) if (belonging.has(entry.parent)) belonging.add(entry.pid);
  }
}
