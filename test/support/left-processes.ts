import { readFile, readdir } from 'node:fs/promises';

export interface LeftProcess {
  pid: number;
  parent: number;
  command: string;
}

/**
 * Processes of this machine that were started with the given variable in their environment, without this one and its children: what
 * tests started and did not end. Linux only, from `/proc`; elsewhere nothing is found.
 */
export async function leftProcesses(variable: string, value: string): Promise<LeftProcess[]> {
  const names = process.platform === 'linux' ? await readdir('/proc') : [];
  const looked = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => look(Number(name), `${variable}=${value}`)));
  return looked.filter((found) => found !== null);
}

async function look(pid: number, entry: string): Promise<LeftProcess | null> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (pid === process.pid || !environment.split('\0').includes(entry)) return null;
    // "pid (name) state ppid …", proc(5); the name may hold anything but is the last thing in parentheses.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    if (fields[0] === 'Z' || Number(fields[1]) === process.pid) return null;
    return { pid, parent: Number(fields[1]), command: (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim() };
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return null;
  }
}
