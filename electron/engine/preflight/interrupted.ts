import type { Check } from './facts.ts';

/** An operation that a kill cut off comes first: nothing else may run over its half-done work. */
export const interruptedCheck: Check = {
  id: 'interrupted',
  title: 'Nothing was interrupted',
  look: ({ interrupted, install }) =>
    interrupted === null
      ? { status: 'pass', message: 'No operation was interrupted.' }
      : {
          status: 'fail',
          code: 'interrupted',
          message: `The last operation (${interrupted.kind}) stopped in "${interrupted.step}". It has to be ${interrupted.recovery === 'finish' ? 'finished' : 'undone'} first.`,
          remedy: { action: 'recover', text: 'Recover the install.', command: `moult recover ${install}` },
        },
};
