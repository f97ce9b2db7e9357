/** Format: PNG, https://www.w3.org/TR/png-3/: 8 bits a channel, RGBA, one IDAT chunk, no filter. */
import { crc32 } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @param pixels RGBA, row by row */
export function toPng(pixels: Uint8Array, size: number, deflate: (data: Buffer, options: { level: number }) => Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const stride = size * 4;
  const rows = Array.from({ length: size }, (_, row) => Buffer.concat([Buffer.of(0), pixels.subarray(row * stride, (row + 1) * stride)]));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflate(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
