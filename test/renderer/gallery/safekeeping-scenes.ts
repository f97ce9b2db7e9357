/** How backups are kept from others and from loss: encryption, second copies, limits, in every state that they can be in. */
import type { FailureData } from '../../../electron/api/failure.ts';
import type { Destination, EncryptionState } from '../../../electron/api/safekeeping.ts';
import { pruning, scheduleRun } from '../../support/fake-world.ts';
import type { FakeClient } from '../fake-client.ts';
import { daysAgo, mebi, sampleBackups } from './sample-data.ts';
import { scene, type Scene } from './scene.ts';

export const foreignSecrets: FailureData = {
  code: 'foreign-secrets',
  message: 'Datastore in this backup cannot be read with the secrets that sprig has now (JWT signing secret): they were changed since.',
  remedy: {
    action: 'restore-backup',
    text: 'Put the secrets of the backup back with it: restore JWT signing secret too, or all of the backup.',
    command: 'moult restore sprig --input b-4 --item datastore --item signing-secret',
  },
};

const ann = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const ola = 'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg';

const none: EncryptionState = {
  install: 'sprig',
  by: null,
  recipients: [],
  passphraseFile: null,
  identityFiles: [],
  keyOnlyHere: false,
  keptElsewhere: false,
};

export const encryptions = {
  onlyHere: {
    ...none,
    by: 'recipients',
    recipients: [{ recipient: ann, rehearsedAt: daysAgo(3) }],
    identityFiles: ['/home/ann/backup-key.txt'],
    keyOnlyHere: true,
  },
  forTwo: {
    ...none,
    by: 'recipients',
    recipients: [
      { recipient: ann, rehearsedAt: daysAgo(3) },
      { recipient: ola, rehearsedAt: null },
    ],
    keptElsewhere: true,
  },
  passphrase: { ...none, by: 'passphrase', passphraseFile: '/home/ann/backup-passphrase.txt', keptElsewhere: true },
} satisfies Record<string, EncryptionState>;

const copy = { backup: 'b-4', state: 'whole', at: daysAgo(0.1), problem: null } as const;

export const places: Destination[] = [
  {
    folder: '/media/ann/backups',
    state: 'present',
    reason: null,
    free: 412 * 1024 * mebi,
    copies: [
      { ...copy, folder: '/media/ann/backups', path: '/media/ann/backups/sprig-4.tar.zst' },
      {
        ...copy,
        backup: 'b-3',
        folder: '/media/ann/backups',
        path: '/media/ann/backups/sprig-3.tar.zst',
        state: 'failed',
        problem: 'Frame 12 reads back otherwise than it was written: the disk may be failing.',
      },
    ],
    waiting: 1,
  },
  {
    folder: '/mnt/nas/some/very/long/way/down/to/the/place/where/backups/of/this/machine/are/kept',
    state: 'absent',
    reason: 'the disk that it was on is not connected',
    free: null,
    copies: [],
    waiting: 3,
  },
];

const settings = '#/install/sprig/settings';
const backups = '#/install/sprig/backups';

const never = () => new Promise<never>(() => undefined);
const refused = (method: Parameters<FakeClient['refuse']>[0], error: FailureData) => ({
  prepare: (client: FakeClient) => client.refuse(method, error),
});
const encrypted = (state: EncryptionState) => ({ prepare: (client: FakeClient) => client.answer('encryption', state) });
const closed: FailureData = { code: 'io', message: '/home/ann/.local/share/moult/moult.db cannot be read: permission denied.' };
export const safekeepingScenes: Record<string, Scene> = {
  'encryption-none': scene(settings, { press: ['Use a key of mine', 'Use a passphrase in a file'] }),
  'encryption-loading': scene(settings, { prepare: (client) => client.reply('encryption', never) }),
  'encryption-failed': scene(settings, refused('encryption', closed)),
  'encryption-only-here': scene(settings, encrypted(encryptions.onlyHere)),
  'encryption-for-two': scene(settings, { ...encrypted(encryptions.forTwo), press: ['Encrypt with something else'] }),
  'encryption-passphrase': scene(settings, encrypted(encryptions.passphrase)),
  copies: scene(settings, { prepare: (client) => client.answer('destinations', places) }),
  'copies-loading': scene(settings, { prepare: (client) => client.reply('destinations', never) }),
  'copies-failed': scene(settings, refused('destinations', closed)),
  'schedule-due': scene(settings, { prepare: (client) => client.answer('runSchedule', scheduleRun), press: ['Do what is due now'] }),
  'schedule-prune': scene(settings, {
    prepare: (client) => client.answer('prune', { ...pruning, dry: true, removed: sampleBackups.slice(2) }),
    press: ['Remove what it does not keep', 'What would go?'],
  }),
  'backup-as': scene(backups, { press: ['Back up in another way'] }),
  'backups-encrypted': scene(backups, {
    prepare: (client) =>
      client.answer(
        'backups',
        sampleBackups.map((backup, index) => ({
          ...backup,
          path: `${backup.path}.age`,
          encryption: { takes: index === 1 ? 'passphrase' : 'key', opensHere: index !== 1, keyOnlyHere: index === 0 },
        })),
      ),
    press: ['More'],
  }),
  'restore-locked': scene(backups, {
    prepare: (client) => client.answer('unlock', { path: '/home/ann/backups/sprig-1.1.0.tar.zst.age', open: false, takes: 'passphrase' }),
    press: ['Restore the backup'],
  }),
  'restore-take-out': scene(backups, { press: ['Restore the backup', 'Take it out into a folder instead'] }),
  'restore-foreign-secrets': scene(backups, { ...refused('plan', foreignSecrets), press: ['Restore the backup'] }),
  'restore-from-file': scene(backups, { press: ['Restore from a file'] }),
  'app-settings-limit': scene('#/settings', { prepare: (client) => client.answer('limits', { bytesPerSecond: 20 * mebi }) }),
  'app-settings-limit-failed': scene('#/settings', refused('limits', closed)),
};
