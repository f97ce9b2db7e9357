import { grid, onCircle } from './draw.ts';
import { type Colour, colours, type Shape } from './marks.ts';

/** The same shapes as an SVG picture. */
export function toSvg(shapes: readonly Shape[]): string {
  const body = shapes.map((shape) => `  ${element(shape)}\n`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${grid} ${grid}" fill="none" stroke-linecap="round" stroke-linejoin="round">\n${body}</svg>\n`;
}

function element(shape: Shape): string {
  const colour = hex(shape.colour);
  switch (shape.kind) {
    case 'disc':
      return `<circle cx="${shape.x}" cy="${shape.y}" r="${shape.radius}" fill="${colour}" />`;
    case 'plate': {
      const side = grid - 2 * shape.inset;
      return `<rect x="${shape.inset}" y="${shape.inset}" width="${side}" height="${side}" rx="${shape.corner}" fill="${colour}" />`;
    }
    case 'line':
      return `<path d="M${shape.points.map((point) => point.join(' ')).join('L')}" stroke="${colour}" stroke-width="${shape.width}" />`;
    default: {
      const [from, to] = [onCircle(shape, shape.from), onCircle(shape, shape.to)].map((point) =>
        point.map((each) => Number(each.toFixed(3))).join(' '),
      );
      const large = shape.to - shape.from > 180 ? 1 : 0;
      return `<path d="M${from}A${shape.radius} ${shape.radius} 0 ${large} 1 ${to}" stroke="${colour}" stroke-width="${shape.width}" />`;
    }
  }
}

function hex(colour: Colour): string {
  return `#${colours[colour].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
