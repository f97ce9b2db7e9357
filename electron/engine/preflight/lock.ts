import type { Check } from './facts.ts';

/** One writer per install. */
export const lockCheck: Check = {
  id: 'lock',
  title: 'Nobody else is working on it',
  look: ({ holder }) =>
    holder === null
      ? { status: 'pass', message: 'No other operation is running.' }
      : {
          status: 'fail',
          code: 'locked',
          message: `Process ${holder.pid} is working on it (${holder.operation}) since ${holder.since}.`,
          remedy: { action: 'wait', text: 'Wait until it is done, or cancel it there.' },
        },
};
