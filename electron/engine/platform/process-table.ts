/** All processes of this machine, as far as this person may see them, and the marks in their environments. */
import { readdir, readFile } from 'node:fs/promises';
import { answerOf, readStat } from './processes.ts';

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** The process group; 0 where the system has none. */
  group: number;
  /** The session; 0 where the system does not tell. */
  session: number;
  /** The same text that `startOf` gives. */
  start: string;
}

/** Every process that is not a zombie. */
export async function processTable(): Promise<ProcessEntry[]> {
  if (process.platform === 'linux') return linuxTable();
  return process.platform === 'win32' ? windowsTable() : unixTable();
}

/**
 * Whether a process was given this environment variable with this value when it started. Only Linux tells;
 * elsewhere, and for the processes of other people, the answer is no.
 */
export async function carriesVariable(pid: number, name: string, value: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return `\0${environment}\0`.includes(`\0${name}=${value}\0`);
}

async function linuxTable(): Promise<ProcessEntry[]> {
  const entries: ProcessEntry[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => null);
    const read = stat === null ? null : await readStat(stat);
    if (read !== null) entries.push({ pid: Number(name), ...read });
  }
  return entries;
}

/** `ps` of POSIX, with the BSD column `lstart`, which macOS has. */
async function unixTable(): Promise<ProcessEntry[]> {
  const text = (await answerOf(['ps', '-axo', 'pid=,ppid=,pgid=,stat=,lstart='])) ?? '';
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)\s*$/.exec(line);
    if (match === null || match[4]?.startsWith('Z')) return [];
    return [
      {
        pid: Number(match[1]),
        parent: Number(match[2]),
        group: Number(match[3]),
        session: 0,
        start: (match[5] as string).replaceAll(/\s+/g, ' '),
      },
    ];
  });
}

async function windowsTable(): Promise<ProcessEntry[]> {
  // Milliseconds: below that the two sources of the start time do not agree.
  const query =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $([math]::Floor($_.CreationDate.Ticks / 10000))" }';
  const text = (await answerOf(['powershell', '-NoProfile', '-Command', query])) ?? '';
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+) (\d+) (\d+)\s*$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), group: 0, session: 0, start: match[3] as string }];
  });
}
