/**
 * Writes every icon beside this file: an SVG of each mark and its PNGs. `node resources/icons/build.ts`; with `--check` it only says which
 * files are not what it would write. The same sources give the same pictures.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync, inflateSync } from 'node:zlib';
import { draw } from './draw.ts';
import { marks, type Mark } from './marks.ts';
import { toPng } from './png.ts';
import { toSvg } from './svg.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const isChecking = process.argv.includes('--check');
const stale: string[] = [];

for (const mark of marks) for (const [name, content] of pictures(mark)) await put(name, content);

if (stale.length > 0) console.error(`not fresh, run node resources/icons/build.ts: ${stale.join(', ')}`);
process.exitCode = stale.length === 0 ? 0 : 1;

function pictures(mark: Mark): [string, Buffer][] {
  const [smallest = 0] = mark.sizes;
  const variants = mark.template ? [false, true] : [false];
  const pngs = variants.flatMap((black) =>
    mark.sizes.map((size): [string, Buffer] => {
      // A tray's larger picture is found by its name; the app's are named by their size.
      const suffix = mark.template ? (size === smallest ? '' : `@${size / smallest}x`) : `-${size}`;
      return [`${mark.name}${black ? '-template' : ''}${suffix}.png`, toPng(draw(mark.shapes, size, black), size, deflateSync)];
    }),
  );
  return [[`${mark.name}.svg`, Buffer.from(toSvg(mark.shapes))], ...pngs];
}

async function put(name: string, content: Buffer): Promise<void> {
  const path = join(folder, name);
  const there = await readFile(path).catch(() => null);
  if (there !== null && isSame(there, content)) return;
  if (isChecking) stale.push(name);
  else await writeFile(path, content);
}

/** Another zlib may pack the same pixels differently; that is no difference. */
function isSame(left: Buffer, right: Buffer): boolean {
  if (left.equals(right)) return true;
  const [first, second] = [pixelsOf(left), pixelsOf(right)];
  return first !== null && second !== null && first.equals(second);
}

/** The bytes of the only IDAT chunk of pictures that this script wrote; null for anything else. */
function pixelsOf(png: Buffer): Buffer | null {
  const at = png.indexOf('IDAT', 0, 'latin1');
  return at === -1 ? null : Buffer.concat([png.subarray(0, 33), inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))]);
}
