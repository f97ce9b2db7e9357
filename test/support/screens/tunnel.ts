/** A way to a server that can be cut and mended, as an SSH tunnel or a sleeping laptop does it. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Tunnel {
  port: number;
  /** Ends every connection and takes no new one. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function openTunnel(to: number, onEnd: (end: () => Promise<void>) => void): Promise<Tunnel> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [from, onward] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(onward);
      from.on('error', () => onward.destroy());
      from.on('close', () => {
        open.delete(from);
        onward.destroy();
      });
    }
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
  onEnd(async () => (server.listening ? cut() : undefined));
  return { port, cut, mend: () => listen(port) };
}
