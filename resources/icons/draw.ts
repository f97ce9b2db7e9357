/** Draws shapes into pixels: coverage from the distance to a shape's edge, which is exact and the same on every machine. */
import { colours, type Shape } from './marks.ts';

/** Length of the grid's side. */
export const grid = 24;

/** RGBA bytes, row by row, not premultiplied. @param black draws everything in black, for templates */
export function draw(shapes: readonly Shape[], size: number, black: boolean): Uint8Array {
  const scale = size / grid;
  const pixels = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const point = { x: (column + 0.5) / scale, y: (row + 0.5) / scale };
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (const shape of shapes) {
        const cover = Math.min(1, Math.max(0, 0.5 - distance(shape, point) * scale));
        const [r, g, b] = black ? [0, 0, 0] : colours[shape.colour];
        const sum = cover + alpha * (1 - cover);
        if (sum === 0) continue;
        const mix = (over: number, under: number): number => (over * cover + under * alpha * (1 - cover)) / sum;
        [red, green, blue, alpha] = [mix(r, red), mix(g, green), mix(b, blue), sum];
      }
      pixels.set([Math.round(red), Math.round(green), Math.round(blue), Math.round(alpha * 255)], (row * size + column) * 4);
    }
  }
  return pixels;
}

interface Point {
  x: number;
  y: number;
}

/** From a point to a shape's edge, on the grid; negative inside. */
function distance(shape: Shape, point: Point): number {
  switch (shape.kind) {
    case 'disc':
      return Math.hypot(point.x - shape.x, point.y - shape.y) - shape.radius;
    case 'plate': {
      const half = grid / 2 - shape.inset - shape.corner;
      const [x, y] = [Math.abs(point.x - grid / 2) - half, Math.abs(point.y - grid / 2) - half];
      return Math.hypot(Math.max(x, 0), Math.max(y, 0)) + Math.min(Math.max(x, y), 0) - shape.corner;
    }
    case 'line':
      return Math.min(...shape.points.slice(1).map((end, index) => toSegment(point, shape.points[index] ?? end, end))) - shape.width / 2;
    default:
      return toArc(shape, point) - shape.width / 2;
  }
}

function toSegment(point: Point, [fromX, fromY]: [number, number], [toX, toY]: [number, number]): number {
  const [x, y] = [toX - fromX, toY - fromY];
  const along = Math.min(1, Math.max(0, ((point.x - fromX) * x + (point.y - fromY) * y) / (x * x + y * y)));
  return Math.hypot(point.x - fromX - along * x, point.y - fromY - along * y);
}

function toArc(arc: Extract<Shape, { kind: 'arc' }>, point: Point): number {
  const angle = (Math.atan2(point.y - arc.y, point.x - arc.x) * 180) / Math.PI;
  const inside = (((angle - arc.from) % 360) + 360) % 360 <= arc.to - arc.from;
  if (inside) return Math.abs(Math.hypot(point.x - arc.x, point.y - arc.y) - arc.radius);
  const end = (degrees: number): number => {
    const [x, y] = onCircle(arc, degrees);
    return Math.hypot(point.x - x, point.y - y);
  };
  return Math.min(end(arc.from), end(arc.to));
}

export function onCircle({ x, y, radius }: { x: number; y: number; radius: number }, degrees: number): [number, number] {
  const radians = (degrees * Math.PI) / 180;
  return [x + radius * Math.cos(radians), y + radius * Math.sin(radians)];
}
