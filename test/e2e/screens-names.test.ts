/// <reference lib="dom" />
/**
 * Names of files are text on every screen, whatever they hold: markup makes no element and runs no script, and what would hide a part of a
 * name or turn it around stands there as a code. The pages are without their Content Security Policy here, so that nothing but the screens
 * themselves keeps a script out. The same names in the terminal. Notes of releases and lines of logs are looked at with them.
 * Long because a name is followed through every screen that shows names.
 */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { lacksChromium } from '../support/chromium.ts';
import type { World } from '../support/moult.ts';
import { mouse } from '../support/screens/hand.ts';
import { button, isForAll, link, sprigStory, tab, text, title } from '../support/screens/story.ts';

const isMissing = await lacksChromium();

/** Each name, and how it is seen. A folder and a file together close the script. */
const names = [
  { name: '<img src=x onerror=owned=1>.md', seen: '<img src=x onerror=owned=1>.md' },
  { name: '<script>owned=1</script>.md', seen: '<script>owned=1</script>.md' },
  { name: '"><b onmouseover=owned=1>.md', seen: '"><b onmouseover=owned=1>.md' },
  { name: '&lt;i&gt;.md', seen: '&lt;i&gt;.md' },
  { name: 'photo\u202Egpj.md', seen: String.raw`photo\u202egpj.md` },
  { name: 'two\nlines.md', seen: String.raw`two\x0alines.md` },
  { name: '\u001B[2J\u001B]0;owned\u0007red.md', seen: String.raw`\x1b[2J\x1b]0;owned\x07red.md` },
];
const seen = names.map((each) => each.seen);
/** Those that a line of a log can hold. */
const printed = names.filter(({ name }) => !/\p{Cc}/u.test(name));

describe.skipIf(isMissing || process.platform === 'win32')('names of files are text', () => {
  test('in the plan, in findings, in the log and in a report', async () => {
    const { person, page, world } = await sprigStory({ bypassCSP: true, before: layAbout });
    await mouse.press(link(page, /^sprig$/));
    await mouse.press(tab(page, 'Upgrade'));
    const stays = page.getByRole('region', { name: 'Stays' });
    await showFiles(stays);
    await areText(page, page.getByRole('group', { name: 'Files of Workspace' }), seen);
    await mouse.press(stays.getByRole('button', { name: 'Show them' }));
    await areText(page, page.getByRole('group', { name: 'Other files' }), seen);
    // The whole path is one hover away, and has to be as honest.
    const titles = await page.locator('.file-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('title') ?? ''));
    expect(titles.filter((path) => /[\p{Cc}\u202E]/u.test(path))).toEqual([]);
    await isForAll(page);

    await mouse.press(tab(page, 'Drift'));
    await areText(page, page.getByRole('list', { name: /findings$/ }), seen);
    await isForAll(page);

    await mouse.press(tab(page, 'Activity'));
    const log = page.getByRole('log', { name: 'What the product printed' });
    await areText(page, log, [...printed.map((each) => each.seen), 'red text', 'wiped']);
    expect(await log.innerText()).not.toContain('[');
    await mouse.type(page.getByRole('searchbox', { name: 'Search the log' }), '<img');
    await log.locator('mark').first().waitFor();
    await areText(page, log, seen.slice(0, 1));
    await mouse.press(button(page, 'Write a report'));
    await areText(page, page.getByRole('region', { name: 'The report' }), seen.slice(0, 2));
    await isForAll(page);

    expect(await inTerminal(world, ['plan', 'sprig', '--files'], seen)).toEqual([]);
    expect(await inTerminal(world, ['drift', 'sprig'], seen)).toEqual([]);
    expect(
      await inTerminal(
        world,
        ['logs', 'sprig'],
        printed.map((each) => each.seen),
      ),
    ).toEqual([]);
    expect(person.complaints).toEqual([]);
  });

  test('in a backup, in what was written since, in what one chooses of it, and in what a restore replaces', async () => {
    const kept = '<img src=x onerror=owned=1>.tar.zst';
    const { person, page, world, sprig } = await sprigStory({
      bypassCSP: true,
      before: async (world) => {
        await layAbout(world);
        await world.must(['backup', 'sprig', '--output', join(world.folder, kept)]);
      },
    });
    const notes = names.map(({ name }) => join(sprig.home, 'notes', name));
    for (const path of notes) await writeFile(path, 'changed since\n');
    await mouse.press(link(page, /^sprig$/));
    await mouse.press(tab(page, 'Backups'));
    await mouse.press(button(page, 'More'));
    await areText(page, page.getByRole('main'), [kept]);
    await isForAll(page);

    await mouse.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await mouse.press(question.getByRole('button', { name: /^Show the \d+ files$/ }).first());
    const differing = question.getByRole('group', { name: 'Files that differ' });
    await areText(page, differing, seen);
    await isForAll(page);
    await mouse.tick(question.getByRole('checkbox', { name: /Only what I choose/ }));
    for (const each of seen.slice(0, 6)) await mouse.tick(differing.locator('label', { hasText: each }).getByRole('checkbox'));
    await question.getByText('6 files chosen.').waitFor();
    await question.getByText('Only what was chosen is put back').waitFor();
    await areText(page, question, seen);
    await isForAll(page);
    // What is shown as a code is asked for by its own name.
    await mouse.press(question.getByRole('button', { name: 'Restore what I chose' }));
    await title(page, 'sprig is restored, release 1.0.0.');
    const contents = await Promise.all(notes.map((path) => readFile(path, 'utf8')));
    expect(contents).toEqual([...Array.from({ length: 6 }, () => 'as it was\n'), 'changed since\n']);
    await areText(page, page.getByRole('main'), []);

    expect(await inTerminal(world, ['compare', 'sprig', '--input', join(world.folder, kept)], seen.slice(6))).toEqual([]);
    expect(person.complaints).toEqual([]);
  });

  test('in what a purge and a fresh start move to the trash', async () => {
    const { person, page } = await sprigStory({ bypassCSP: true, before: layAbout });
    await mouse.press(link(page, /^sprig$/));
    await mouse.press(tab(page, 'Settings'));
    await mouse.press(button(page, 'Purge …'));
    await showFiles(page.getByRole('dialog').getByRole('region', { name: 'Goes' }));
    await areText(page, page.getByRole('group', { name: 'Files of Workspace' }), seen);
    await page.keyboard.press('Escape');
    await mouse.press(link(page, 'Start fresh …'));
    await showFiles(page.getByRole('region', { name: 'Goes' }));
    await areText(page, page.getByRole('group', { name: 'Files of Workspace' }), seen);
    await isForAll(page);
    await mouse.press(button(page, 'Go on'));
    await text(page, 'A last backup is taken and read back first');
    await mouse.press(button(page, 'Go on'));
    await mouse.type(page.getByRole('textbox', { name: "The install's name" }), 'sprig');
    await mouse.press(button(page, 'Start fresh'));
    await title(page, 'sprig has started fresh, release 1.0.0.');
    await areText(page, page.getByRole('main'), []);
    expect(person.complaints).toEqual([]);
  });
});

/** Files of such names in the workspace, in the home folder, and among those of the release; and the product prints them. */
async function layAbout(world: World): Promise<void> {
  for (const folder of ['notes', '.', '.moult/slots/1.0.0']) {
    for (const { name } of names) {
      const path = join(world.home(), folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'as it was\n');
    }
  }
  const lines = printed.map(({ name }) => `${name}\n`).join('');
  await appendFile(join(world.home(), 'logs/sprig.log'), `${lines}\u001B[31mred text\u001B[0m\n\u001B[2Jwiped\n`);
}

/** Opens the list of files of the workspace in a column of a plan. */
async function showFiles(column: Locator): Promise<void> {
  const workspace = column.getByRole('listitem').filter({ hasText: 'Workspace' }).first();
  await mouse.press(workspace.getByRole('button', { name: /^Show the \d+ files$/ }));
}

/** What a command prints that a terminal would obey, and the names that it does not print as they are to be seen. */
async function inTerminal(world: World, typed: readonly string[], shown: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await world.moult(typed, { plain: true });
  const obeyed = [...(stdout + stderr).matchAll(/(?!\n)[\p{Cc}\u202E]/gu)].map(([character]) => JSON.stringify(character));
  // A line that is too long goes on, indented, in the next one.
  return [...obeyed, ...missingIn(stdout.replaceAll(/\n +/g, ' '), shown)];
}

/** Every name stands there as it is to be seen, and none of them made an element or ran. */
async function areText(page: Page, where: Locator, shown: readonly string[]): Promise<void> {
  await expect.poll(async () => missingIn(await where.innerText(), shown), { timeout: 20_000 }).toEqual([]);
  const made = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('main img, main script, main b, main i, dialog img, [onerror], [onmouseover]')];
    return [...elements.map((element) => element.outerHTML.slice(0, 200)), ...('owned' in globalThis ? ['a script ran'] : [])];
  });
  expect(made).toEqual([]);
  expect(await where.innerText()).not.toMatch(/[\u202E\u001B\u0007]/);
}

function missingIn(words: string, shown: readonly string[]): string[] {
  return shown.filter((each) => !words.includes(each));
}
