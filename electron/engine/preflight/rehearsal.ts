import { humanSeconds } from '../../api/units.ts';
import type { Check } from './facts.ts';

/** How it went when the upgrade was tried on a copy. A failure there warns and does not refuse: its cause may be gone by now. */
export const rehearsalCheck: Check = {
  id: 'rehearsal',
  title: 'It was tried on a copy',
  look: ({ rehearsal, install }) => {
    if (rehearsal === null || rehearsal === undefined) return null;
    const { release, when, problem, before, after, seconds, at } = rehearsal;
    const details = { release, at };
    if (problem !== null) {
      return {
        status: 'warn',
        message: `The rehearsal of ${release} failed, ${when}: ${problem}`,
        remedy: {
          action: 'retry',
          text: 'Mend what it says, then rehearse once more before you upgrade.',
          command: `moult rehearse ${install} --to ${release}`,
        },
        details,
      };
    }
    const schema = after === null ? '' : before === after ? `, schema ${after} as before` : `, schema ${before ?? 'none'} → ${after}`;
    return { status: 'pass', message: `Rehearsed ${when}: healthy${schema}, ${humanSeconds(seconds ?? 0)}.`, details };
  },
};
