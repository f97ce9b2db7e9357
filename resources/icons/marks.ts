/**
 * The mark and its states as shapes: a shell that opens around a solid core. Lengths are on a grid of 24. Each tray state has a shape of its
 * own, so that colour never carries the meaning alone: the core alone (fine), the core under an upward stroke (update), the core in an open
 * ring that turns (working), the core with a gap and a dot (needs you).
 */

export type Shape =
  | { kind: 'disc'; x: number; y: number; radius: number; colour: Colour }
  /** Part of a circle, from one angle to another clockwise; 0 is three o'clock, degrees. */
  | { kind: 'arc'; x: number; y: number; radius: number; width: number; from: number; to: number; colour: Colour }
  | { kind: 'line'; points: [number, number][]; width: number; colour: Colour }
  /** A square with round corners over the whole grid, for the app's icon. */
  | { kind: 'plate'; inset: number; corner: number; colour: Colour };

export type Colour = 'teal' | 'amber' | 'red' | 'paper';

/** Middle tones that stand out on dark and on light bars: 3 : 1 and more on white and on #202020. */
export const colours: Record<Colour, [number, number, number]> = {
  teal: [13, 148, 136],
  amber: [217, 119, 6],
  red: [220, 38, 38],
  paper: [250, 249, 247],
};

export interface Mark {
  name: string;
  /** Pixels a side. */
  sizes: number[];
  /** Also in black, for a Mac's menu bar. */
  template: boolean;
  shapes: Shape[];
}

const core = (radius: number, y = 12): Shape => ({ kind: 'disc', x: 12, y, radius, colour: 'teal' });
const ring = (from: number, to: number, colour: Colour): Shape => ({ kind: 'arc', x: 12, y: 12, radius: 9, width: 2.6, from, to, colour });

/** The ring's gap, a quarter of the circle, moves on by a quarter in each picture. */
const working = (turn: number): Shape[] => [core(4), ring(turn * 90 + 45, turn * 90 + 315, 'amber')];

const tray: Mark[] = [
  { name: 'tray-fine', shapes: [core(6.5)] },
  {
    name: 'tray-update',
    shapes: [
      core(5, 17),
      {
        kind: 'line',
        points: [
          [5.5, 9],
          [12, 2.8],
          [18.5, 9],
        ],
        width: 2.8,
        colour: 'amber',
      } satisfies Shape,
    ],
  },
  ...[0, 1, 2, 3].map((turn) => ({ name: `tray-working-${turn}`, shapes: working(turn) })),
  {
    name: 'tray-attention',
    shapes: [core(4), ring(15, 285, 'red'), { kind: 'disc', x: 18.6, y: 5.4, radius: 2.9, colour: 'red' } satisfies Shape],
  },
].map((mark) => ({ ...mark, sizes: [16, 32], template: true }));

/** Twice the mark's own stroke, on a plate that keeps it apart from any background. */
const app: Mark = {
  name: 'moult',
  sizes: [512, 1024],
  template: false,
  shapes: [
    { kind: 'plate', inset: 1, corner: 5, colour: 'paper' },
    { kind: 'disc', x: 12, y: 12, radius: 3, colour: 'teal' },
    { kind: 'arc', x: 12, y: 12, radius: 6.6, width: 1.9, from: 15, to: 325, colour: 'amber' },
  ],
};

export const marks: Mark[] = [...tray, app];
