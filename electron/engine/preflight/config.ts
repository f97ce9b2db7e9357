import type { Check } from './facts.ts';

/** A config file that does not parse is mended by a person before anything else happens to it. */
export const configCheck: Check = {
  id: 'config',
  title: 'The configuration can be read',
  look: ({ config }) => {
    if (config === null) return null;
    const [first] = config.unreadable;
    if (first !== undefined) {
      return {
        status: 'fail',
        code: 'bad-config',
        message: first,
        remedy: { action: 'edit-config', text: 'Mend the file, then try again. Nothing was changed.' },
      };
    }
    if (config.changes.length === 0) return { status: 'pass', message: 'Every option is known to the release.' };
    return {
      status: 'warn',
      message: config.changes.join('; '),
      remedy: { action: 'edit-config', text: 'Change the options when the new release runs.' },
    };
  },
};
