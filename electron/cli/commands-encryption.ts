/** The command about the encryption of backups. */
import type { EncryptionState } from '../api/safekeeping.ts';
import { ask, type Command, installArgument, pick } from './command.ts';
import type { Line } from './page.ts';
import { absolutePath } from './paths.ts';
import { keysGiven, recipientsGiven } from './secrets.ts';
import { marks, quiet, strong } from './view/marks.ts';

export const encryptionCommand: Command = {
  name: 'encryption',
  group: 'Back up and restore:',
  summary: 'how the backups of an install are encrypted',
  details: `With options it is set, for all backups from then on, those before an upgrade too. Backups are files in the format of age: a key opens
them without Moult. A key is tried before anything counts as encrypted. No passphrase and no secret key is ever taken as an argument.`,
  arguments: [installArgument],
  options: [
    { flags: '--new-key <file>', text: 'make a key in a new file, and use it', kind: 'path' },
    { flags: '--recipient <keys>', text: 'public keys (age1…) with commas between them, each of which will open the backups' },
    { flags: '--recipients-file <file>', text: 'a file with public keys', kind: 'path' },
    { flags: '--identity-file <file>', text: 'the secret key, to try it once; - for the standard input', kind: 'path' },
    { flags: '--keep-key', text: 'let Moult use that key file later, to restore and to drill by itself' },
    { flags: '--passphrase-file <file>', text: 'lock with the passphrase in a private file, which has to stay there', kind: 'path' },
    { flags: '--kept-elsewhere', text: 'you keep a copy of the key or the passphrase on another machine' },
    { flags: '--off', text: 'encrypt no more' },
  ],
  examples: [
    ['moult encryption sprig --new-key ~/backup-key.txt', 'make a key and encrypt for it; copy the file to somewhere else'],
    ['moult encryption sprig --kept-elsewhere', 'you have copied the key to another machine'],
    ['moult encryption sprig', 'what is set, and whether the only key is on this machine'],
  ],
  async run(context, given) {
    const target = pick(given, 'install');
    const changes: Record<string, unknown> = {};
    const recipients = await recipientsGiven(context, given);
    if (recipients.length > 0) changes['recipients'] = recipients;
    const { newKey, identityFile, passphraseFile } = given;
    const files: string[] = [];
    if (typeof newKey === 'string') files.push((await ask(context, 'makeKey', { path: absolutePath(newKey, context.folder) })).path);
    if (typeof identityFile === 'string' && given['keepKey'] === true) files.push(absolutePath(identityFile, context.folder));
    else if (typeof identityFile === 'string') changes['identities'] = (await keysGiven(context, { identityFile }, false)).identities;
    if (files.length > 0) changes['identityFiles'] = files;
    if (typeof passphraseFile === 'string') changes['passphraseFile'] = absolutePath(passphraseFile, context.folder);
    if (given['keptElsewhere'] === true) changes['keptElsewhere'] = true;
    if (given['off'] === true) changes['off'] = true;
    const isSet = Object.keys(changes).length > 0;
    const state = isSet ? await ask(context, 'setEncryption', { ...target, ...changes }) : await ask(context, 'encryption', target);
    return { result: state, lines: encryptionLines(state) };
  },
};

export function encryptionLines(state: EncryptionState): Line[] {
  if (state.by === null) {
    return [
      [`Backups of ${state.install} are not encrypted.`],
      [quiet(`To encrypt them: moult encryption ${state.install} --new-key FILE`)],
    ];
  }
  const by: Line[] =
    state.by === 'passphrase'
      ? [[marks.good, ' Backups of ', strong(state.install), ` are locked with the passphrase in ${state.passphraseFile ?? ''}`]]
      : [
          [marks.good, ' Backups of ', strong(state.install), ' are locked for'],
          ...state.recipients.map(({ recipient, rehearsedAt }): Line => [
            '    ',
            recipient,
            quiet(rehearsedAt === null ? '  its key was never tried here' : '  its key was tried and opens them'),
          ]),
        ];
  const keys = state.identityFiles.map((file): Line => ['    ', quiet('key file  '), file]);
  const warning: Line[] = state.keyOnlyHere
    ? [
        [marks.warning, ' The only key is on this machine: if the machine is lost, the backups are lost with it.'],
        [quiet(`    Copy it to somewhere else, then: moult encryption ${state.install} --kept-elsewhere`)],
      ]
    : [];
  return [...by, ...keys, ...warning];
}
