import type { WindowPlace } from './settings-file.ts';

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Sizes in pixels that do not depend on the display's density. */
export const smallest = { width: 900, height: 600 };
const usual = { width: 1180, height: 800 };

/** Pixels of a window's top edge that must be on a display, so that it can be moved. */
const grip = 100;

/**
 * Where a window opens: where it was, if enough of it would still be on a display, else in the middle of the first one (no `x` and `y`).
 * @param displays the areas of all displays without their bars, the first one first
 */
export function placeWindow(
  kept: WindowPlace | null,
  displays: readonly Area[],
): { x?: number; y?: number; width: number; height: number } {
  const first = displays[0] ?? { x: 0, y: 0, ...usual };
  if (kept === null) return fit(usual, first);
  const home = displays.find((area) => isReachable(kept, area));
  if (home === undefined) return fit(kept, first);
  return { x: Math.round(kept.x), y: Math.round(kept.y), ...fit(kept, home) };
}

function fit({ width, height }: { width: number; height: number }, area: Area): { width: number; height: number } {
  return {
    width: Math.max(smallest.width, Math.min(Math.round(width), area.width)),
    height: Math.max(smallest.height, Math.min(Math.round(height), area.height)),
  };
}

function isReachable(kept: WindowPlace, area: Area): boolean {
  const visible = Math.min(kept.x + kept.width, area.x + area.width) - Math.max(kept.x, area.x);
  return visible >= grip && kept.y >= area.y && kept.y <= area.y + area.height - grip;
}
