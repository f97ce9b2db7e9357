import type { Check } from './facts.ts';

/** Work that stands nowhere else goes only when the person names what it is in. */
export const uncommittedCheck: Check = {
  id: 'uncommitted',
  title: 'No work is lost that stands nowhere else',
  look: ({ uncommitted, install, action }) => {
    if (uncommitted === null) return null;
    if (uncommitted.length === 0) return { status: 'pass', message: 'Nothing that goes is a repository with uncommitted work.' };
    const said = uncommitted.map(({ title, path, files }) =>
      files === null
        ? `"${title}" (${path}) is a repository, and Git cannot tell whether all of it is committed`
        : `"${title}" (${path}) is a repository with ${files} ${files === 1 ? 'file' : 'files'} that ${files === 1 ? 'is' : 'are'} not committed`,
    );
    const command = `moult ${action === 'purge' ? `uninstall ${install} --purge` : `fresh-start ${install}`} --including ${uncommitted.map((one) => one.item).join(',')}`;
    return {
      status: 'fail',
      code: 'not-confirmed',
      message: `${said.join('; ')}.`,
      remedy: { action: 'confirm', text: 'Commit what you want to keep, or name it to remove it all the same.', command },
      details: { items: uncommitted.map((one) => one.item) },
    };
  },
};
