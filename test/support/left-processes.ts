import { readdirSync, readFileSync } from 'node:fs';

export interface LeftProcess {
  pid: number;
  parent: number;
  command: string;
}

/**
 * Processes of this machine that were started with the given variable in their environment, without this one and its children: what
 * tests started and did not end. Linux only, from `/proc`; elsewhere nothing is found. It reads without waiting: `/proc` is memory, and a thread
 * pool takes five times as long for as many small files.
 */
export function leftProcesses(variable: string, value: string): LeftProcess[] {
  const names = process.platform === 'linux' ? readdirSync('/proc') : [];
  const looked = names.filter((name) => /^\d+$/.test(name)).map((name) => look(Number(name), `${variable}=${value}`));
  return looked.filter((found) => found !== null);
}

function look(pid: number, entry: string): LeftProcess | null {
  try {
    if (pid === process.pid) return null;
    const environment = readFileSync(`/proc/${pid}/environ`);
    if (!environment.includes(entry) || !environment.toString().split('\0').includes(entry)) return null;
    // "pid (name) state ppid …", proc(5); the name may hold anything but is the last thing in parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (fields[0] === 'Z' || Number(fields[1]) === process.pid) return null;
    return { pid, parent: Number(fields[1]), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() };
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return null;
  }
}
