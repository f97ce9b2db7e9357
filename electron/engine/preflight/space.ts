import { humanBytes } from '../../api/units.ts';
import type { Check } from './facts.ts';

export const spaceCheck: Check = {
  id: 'space',
  title: 'There is room on the disk',
  look: ({ space }) => {
    if (space.length === 0) return null;
    const short = space.find((volume) => volume.needed > volume.free);
    if (short === undefined) {
      const [first] = space;
      return { status: 'pass', message: `${humanBytes(first?.needed ?? 0)} needed, ${humanBytes(first?.free ?? 0)} free.` };
    }
    return {
      status: 'fail',
      code: 'no-space',
      message: `${short.volume} has ${humanBytes(short.free)} free, but ${humanBytes(short.needed)} are needed (${short.phases.map((phase) => `${phase.phase} ${humanBytes(phase.bytes)}`).join(', ')}).`,
      remedy: { action: 'free-space', text: `Free ${humanBytes(short.needed - short.free)} there, or put backups on another disk.` },
      details: { volume: short.volume, needed: short.needed, free: short.free },
    };
  },
};
