import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { draw } from '../../../resources/icons/draw.ts';
import { marks } from '../../../resources/icons/marks.ts';
import { toPng } from '../../../resources/icons/png.ts';
import { trayStates } from '../../../electron/shell/tray-model.ts';
import { root } from '../../architecture/read-modules.ts';

it('the pictures are what their sources draw', async () => {
  await promisify(execFile)(process.execPath, [join(root, 'resources/icons/build.ts'), '--check']);
});

it('every state of the tray has a picture, and no two have the same shape', () => {
  const tray = marks.filter(({ name }) => name.startsWith('tray-'));
  for (const state of trayStates) expect(tray.some(({ name }) => name.startsWith(`tray-${state}`))).toBe(true);
  const shapes = tray.map(({ shapes }) => Buffer.from(draw(shapes, 16, true)).toString('base64'));
  expect(new Set(shapes).size).toBe(tray.length);
});

it('a template is black wherever it is seen', () => {
  for (const { shapes } of marks) {
    const pixels = draw(shapes, 32, true);
    for (let at = 0; at < pixels.length; at += 4) expect([pixels[at], pixels[at + 1], pixels[at + 2]]).toEqual([0, 0, 0]);
  }
});

it('is a PNG that says its size', async () => {
  const png = await readFile(join(root, 'resources/icons/tray-fine@2x.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([32, 32]);
  const again = toPng(new Uint8Array(4), 1, () => Buffer.alloc(0));
  expect(again.length).toBe(8 + 25 + 12 + 12);
  expect(inflateSync(png.subarray(41, 41 + png.readUInt32BE(33))).length).toBe(32 * (32 * 4 + 1));
});
