import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

const users = new WeakMap<Socket, Promise<number | null>>();

/**
 * The number of the user whose program is at the other end of a loopback connection; null where the system does not tell.
 * Source: Linux, proc(5), /proc/net/tcp: local address, remote address, and the uid in the eighth field.
 */
export function userOfPeer(socket: Socket): Promise<number | null> {
  const known = users.get(socket);
  if (known !== undefined) return known;
  const found = process.platform === 'linux' ? findUser(socket.remotePort, socket.localPort) : Promise.resolve(null);
  users.set(socket, found);
  return found;
}

async function findUser(from: number | undefined, to: number | undefined): Promise<number | null> {
  if (from === undefined || to === undefined) return null;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const user = userIn(await readFile(table, 'utf8').catch(() => ''), from, to);
    if (user !== null) return user;
  }
  return null;
}

/** Looks for the end of the connection that is not ours: its local port is the one it came from. */
export function userIn(table: string, from: number, to: number): number | null {
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', , , , , user = ''] = line.trim().split(/\s+/);
    if (portOf(local) === from && portOf(remote) === to && /^\d+$/.test(user)) return Number(user);
  }
  return null;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
