/** The chapters: each does one thing that people do with an install, and shows what became of the notes and the session. */
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Narrator } from './story-narrator.ts';
import { signIn, writeNote } from './story-sprig.ts';
import { driftLines, hasDrift } from './view/drift-view.ts';
import { planLines } from './view/plan-view.ts';

export interface Chapter {
  title: string;
  text: string;
  tell: (narrator: Narrator) => Promise<void>;
}

const firstNotes: [string, string, string[]][] = [
  ['Shells', '# Shells\n\nWhat is shed is outside; what is kept is inside.\n', ['moult']],
  ['Garden', '# Garden\n\n- sow the peas\n- mend the fence\n', ['home']],
  ['Reading', '# Reading\n\nThe summer book.\n', ['home', 'books']],
];

export const chapters: readonly Chapter[] = [
  { title: 'A new install', text: 'An older release on purpose: there must be something to upgrade to.', tell: setUp },
  { title: 'Notes and a session', text: 'A person signs in and writes. The session that is opened here is kept to the end.', tell: write },
  { title: 'A backup', text: 'While the product runs; read back before it counts.', tell: backUp },
  { title: 'The plan', text: 'What stays, what changes and what it takes. Nothing is touched.', tell: plan },
  {
    title: 'The upgrade',
    text: '2.0.0 can only be reached through 1.2.0; Moult walks there in one go. In a terminal it asks first.',
    tell: upgrade,
  },
  {
    title: 'Somebody tampers',
    text: 'After another backup, a shipped file is edited and a note is deleted behind the back of the product.',
    tell: tamper,
  },
  { title: 'Restore', text: 'Proven beside the live data first, and swapped in by renames; what was there is kept aside.', tell: restore },
  {
    title: 'Uninstall, and set up again',
    text: 'Uninstalling keeps the data; a later set-up picks up where it left off.',
    tell: reinstall,
  },
  {
    title: 'A fresh start, and back',
    text: 'Everything goes into the trash after a last backup; for a week one command brings it back.',
    tell: startFresh,
  },
];

async function setUp(narrator: Narrator): Promise<void> {
  narrator.command(`set-up sprig --release 1.0.0 --home ${narrator.home} --port ${narrator.port}`);
  await narrator.run('setUp', { product: 'sprig', release: '1.0.0', home: narrator.home, port: narrator.port });
  narrator.say(`It can be looked at, as long as the story goes on: ${narrator.address}`);
}

async function write(narrator: Narrator): Promise<void> {
  narrator.session = await signIn(narrator.address, narrator.home);
  for (const [name, text, tags] of firstNotes) await writeNote(narrator.address, narrator.session, name, text, tags);
  narrator.holds(await hasAllNotes(narrator), `Signed in as ${narrator.session.user}; ${firstNotes.length} notes are written.`);
}

async function backUp(narrator: Narrator): Promise<void> {
  const output = join(narrator.folder, 'backups', `sprig-${await releaseOf(narrator)}.tar.zst`);
  narrator.command(`backup sprig --output ${output}`);
  narrator.backup = (await narrator.run('backUp', { install: 'sprig', output })).backup?.path ?? output;
}

async function plan(narrator: Narrator): Promise<void> {
  narrator.command('plan sprig');
  const shown = await narrator.agree({ action: 'upgrade' });
  narrator.show((width) => planLines(shown, width));
}

async function upgrade(narrator: Narrator): Promise<void> {
  narrator.command('upgrade sprig');
  const { digest } = await narrator.agree({ action: 'upgrade' });
  const { to } = await narrator.run('upgrade', { install: 'sprig', digest });
  narrator.holds(to === '2.0.0', 'It went through 1.2.0 to 2.0.0.');
  narrator.holds(await narrator.sessionWorks(), 'The session from before the upgrade still works.');
  narrator.holds(await hasAllNotes(narrator), 'All notes are there.');
}

async function tamper(narrator: Narrator): Promise<void> {
  await backUp(narrator);
  const binaries = (await narrator.agree({ action: 'back-up' })).items.find((item) => item.item === 'binaries');
  const shipped = join(binaries?.paths[0] ?? narrator.home, 'public', 'style.css');
  await appendFile(shipped, '\n/* edited by hand */\n');
  await rm(join(narrator.home, 'notes', 'Garden.md'));
  narrator.command('drift sprig');
  const report = await narrator.ask('drift', { install: 'sprig' });
  narrator.show((width) => driftLines(report, width));
  narrator.holds(hasDrift(report), 'The edited file was found by its hash.');
}

async function restore(narrator: Narrator): Promise<void> {
  narrator.command(`restore sprig --input ${narrator.backup}`);
  const { digest } = await narrator.agree({ action: 'restore', input: narrator.backup });
  await narrator.run('restore', { install: 'sprig', input: narrator.backup, digest });
  narrator.holds((await narrator.notes()).includes('Garden'), 'The deleted note is back.');
  narrator.holds(await narrator.sessionWorks(), 'The session works on.');
}

async function reinstall(narrator: Narrator): Promise<void> {
  narrator.command('uninstall sprig');
  const { digest } = await narrator.agree({ action: 'uninstall' });
  await narrator.run('uninstall', { install: 'sprig', digest });
  narrator.command(`set-up sprig --home ${narrator.home} --port ${narrator.port}`);
  await narrator.run('setUp', { product: 'sprig', name: 'sprig', home: narrator.home, port: narrator.port });
  narrator.holds(await hasAllNotes(narrator), 'All notes are there again, and so is the session.');
}

async function startFresh(narrator: Narrator): Promise<void> {
  narrator.command('fresh-start sprig');
  const { digest } = await narrator.agree({ action: 'fresh-start' });
  await narrator.run('freshStart', { install: 'sprig', digest });
  narrator.holds(!(await narrator.sessionWorks()), 'Nobody is signed in any more: login, secret and notes are new.');
  narrator.command('undo sprig');
  await narrator.run('undo', { install: 'sprig' });
  narrator.holds(await narrator.sessionWorks(), 'The old session works again.');
  narrator.holds(await hasAllNotes(narrator), 'All notes are back.');
}

async function releaseOf(narrator: Narrator): Promise<string> {
  return (await narrator.ask('status', { install: 'sprig', offline: true })).release ?? 'none';
}

/** Whether everything that was written is there; Sprig brings a note of its own. */
async function hasAllNotes(narrator: Narrator): Promise<boolean> {
  const names = await narrator.notes();
  return firstNotes.every(([name]) => names.includes(name));
}
