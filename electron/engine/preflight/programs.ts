import type { Check } from './facts.ts';

/** Actions after which a copy that was not replaced would be an old one. */
const switching = new Set(['set-up', 'upgrade', 'roll-back']);

/** A copy that stays behind is started by a terminal or by the product itself instead of the one that belongs to the data. */
export const programsCheck: Check = {
  id: 'programs',
  title: 'No old copy of the programs stays behind',
  look: ({ programs, title, action }) => {
    if (programs === null || !switching.has(action)) return null;
    const { strange, unwritable, folder, onPath } = programs;
    if (strange.length > 0) {
      return {
        status: 'fail',
        code: 'check-failed',
        message: `${strange.join(', ')} ${strange.length === 1 ? 'is a further copy' : 'are further copies'} of ${title} on PATH, in a folder that is not its own. Old and new would stand side by side.`,
        remedy: {
          action: 'choose-folder',
          text: `Remove ${strange.length === 1 ? 'it' : 'them'}, or take the folder off PATH, and try again.`,
        },
        details: { copies: strange, folder },
      };
    }
    if (unwritable.length > 0) {
      return {
        status: 'fail',
        code: 'check-failed',
        message: `The programs of ${title} are in ${unwritable.join(', ')}, where you may not write, so an old copy would stay behind.`,
        remedy: { action: 'choose-folder', text: 'Make the folder writable for you, or remove the copies in it.' },
        details: { folders: unwritable },
      };
    }
    if (!onPath) return { status: 'warn', message: `The programs go to ${folder}, which is not on your PATH.` };
    return { status: 'pass', message: `The programs are in ${folder}.` };
  },
};
