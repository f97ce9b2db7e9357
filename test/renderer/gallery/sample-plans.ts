/** Plans like a person's own: an upgrade over two hops, a fresh start, a restore. */
import type { Plan, PlanFile, PlanItem } from '../../../electron/api/models.ts';
import { plan } from '../../support/fake-world.ts';
import { home, mebi } from './sample-data.ts';

function files(count: number, folder: string, change: PlanFile['change']): PlanFile[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `${folder}/2026/week-${String((index % 52) + 1).padStart(2, '0')}/note-${String(index).padStart(5, '0')}.md`,
    bytes: 400 + ((index * 7919) % 9000),
    change,
  }));
}

const bigItems: PlanItem[] = [
  {
    item: 'workspace',
    title: 'Workspace',
    what: 'Your notes, one Markdown file each.',
    fate: 'preserve',
    note: 'Sprig reads and writes them; an upgrade never does.',
    paths: [`${home}/notes`],
    files: 12_480,
    bytes: 61 * mebi,
    before: null,
    after: 'unchanged',
    list: files(10_000, `${home}/notes`, 'same'),
  },
  {
    item: 'admin-login',
    title: 'Admin login',
    what: 'The name and the password hash you sign in with.',
    fate: 'preserve',
    note: 'Your password is not made anew.',
    paths: [`${home}/config.yaml: admin.user, admin.password_hash`],
    files: 0,
    bytes: 0,
    before: null,
    after: 'unchanged',
    list: [],
  },
  {
    item: 'signing-secret',
    title: 'JWT signing secret',
    what: 'The key that signs browser sessions.',
    fate: 'preserve',
    note: 'Sessions from before an upgrade go on working.',
    paths: [`${home}/config.yaml: jwt_secret`],
    files: 0,
    bytes: 0,
    before: null,
    after: 'unchanged',
    list: [],
  },
  {
    item: 'config',
    title: 'Configuration',
    what: 'Port, workspace and options.',
    fate: 'preserve',
    note: null,
    paths: [`${home}/config.yaml`],
    files: 1,
    bytes: 812,
    before: null,
    after: 'unchanged',
    list: [{ path: `${home}/config.yaml`, bytes: 812, change: 'same' }],
  },
  {
    item: 'datastore',
    title: 'Datastore',
    what: 'The index, the tags and the history of your notes.',
    fate: 'migrate',
    note: 'The new release applies any pending SQL migrations at its first start.',
    paths: [`${home}/data/sprig.db`],
    files: 1,
    bytes: 48 * mebi,
    before: 'schema 2',
    after: 'schema 6',
    list: [{ path: `${home}/data/sprig.db`, bytes: 48 * mebi, change: 'changed' }],
  },
  {
    item: 'binaries',
    title: 'Binaries',
    what: 'Sprig itself.',
    fate: 'replace',
    note: null,
    paths: [`${home}/.moult/slots/1.0.0`],
    files: 14,
    bytes: 122_880,
    before: '1.0.0',
    after: '2.0.0',
    list: files(14, `${home}/.moult/slots/1.0.0`, 'changed'),
  },
  {
    item: 'runtime',
    title: 'Managed runtime',
    what: 'The runtime that Sprig starts with.',
    fate: 'refresh',
    note: null,
    paths: [`${home}/runtime`],
    files: 6,
    bytes: 2 * mebi,
    before: null,
    after: 'made anew when needed',
    list: [],
  },
];

export const samplePlan: Plan = {
  ...plan,
  path: [
    {
      release: '1.2.0',
      kind: 'minor',
      because: '2.0 moves the tags out of the old table, which 1.2 prepares',
      bytes: 20_480,
      notes: 'Lists of things to do in notes. Tags are cleaned up and prepared for 2.0.',
    },
    {
      release: '2.0.0',
      kind: 'major',
      bytes: 24_576,
      notes:
        'Tables in notes. Tags move into tables of their own, which makes large workspaces quick.\n<script>alert("text, not script")</script>',
    },
  ],
  items: bigItems,
  strays: [
    { path: `${home}/todo.txt`, bytes: 10, change: 'kept' },
    { path: `${home}/old/photo.jpg`, bytes: 3 * mebi, change: 'kept' },
  ],
  checks: [
    { check: 'space', title: 'Disk space', status: 'pass', message: '211 MiB needed, 41 GiB free' },
    { check: 'lock', title: 'Nobody else is at it', status: 'pass', message: 'no other operation runs' },
    { check: 'port', title: 'Port', status: 'pass', message: '8377 is its own' },
    { check: 'schema', title: 'Schema', status: 'pass', message: '2, and 1.0.0 knows 2' },
    { check: 'node', title: 'Node', status: 'pass', message: '24.21.0, and >=20 is asked for' },
    {
      check: 'config',
      title: 'Configuration',
      status: 'warn',
      message: 'config.yaml: "title" is called "site_title" in 2.0.0',
      remedy: { action: 'edit-config', text: 'Rename it when you like; the old name is still read.' },
    },
  ],
  space: [
    {
      volume: '/home',
      needed: 211 * mebi,
      free: 640 * mebi,
      phases: [
        { phase: 'download', bytes: 45_056 },
        { phase: 'unpack', bytes: 225_280 },
        { phase: 'snapshot', bytes: 48 * mebi },
        { phase: 'roll back', bytes: 110 * mebi },
      ],
    },
    { volume: '/mnt/backups', needed: 110 * mebi, free: 41 * 1024 * mebi, phases: [{ phase: 'backup', bytes: 110 * mebi }] },
  ],
  configChanges: [
    { file: `${home}/config.yaml`, option: 'title', change: 'renamed', message: 'config.yaml: "title" is called "site_title" in 2.0.0' },
    { file: `${home}/config.yaml`, option: 'legacy_tags', change: 'removed', message: 'config.yaml: "legacy_tags" is gone in 2.0.0' },
  ],
  warnings: [
    '2.0.0: The datastore cannot be read by 1.x any more. Only 1.2.0 and newer can be upgraded to 2.0.0.',
    '1.2.0 is a required stop: 2.0 moves the tags out of the old table, which 1.2 prepares',
  ],
  steps: [
    'Download the releases',
    'Unpack the releases',
    'Note what must stay the same',
    'Back up while the product runs',
    'Stop the product',
    'Add what changed since, and read the backup back',
    'Switch to 1.2.0',
    'Start 1.2.0 and check its health',
    'Switch to 2.0.0',
    'Start 2.0.0 and check its health',
    'Prove that nothing was lost',
    'Commit',
  ].map((title, index) => ({ id: `s${index}`, title })),
};

export const freshPlan: Plan = {
  ...samplePlan,
  action: 'fresh-start',
  from: '1.0.0',
  to: '1.0.0',
  path: [],
  items: samplePlan.items.map((item) => ({
    ...item,
    fate: item.item === 'binaries' || item.item === 'runtime' ? 'keep' : 'remove',
    note: null,
    before: null,
    after: null,
    list: item.list.map((file) => ({ ...file, change: 'removed' })),
  })),
  configChanges: [],
  warnings: ['A last backup is taken and read back first. What goes waits in the trash for 7 days; "moult undo sprig" brings it back.'],
};

export const restorePlan: Plan = {
  ...samplePlan,
  action: 'restore',
  path: [],
  items: samplePlan.items.map((item) => ({
    ...item,
    fate: item.item === 'binaries' || item.item === 'runtime' ? 'keep' : 'replace',
    note: null,
    before: null,
    after: null,
  })),
  configChanges: [],
  warnings: [
    'The backup is from 4 March. What was written since is replaced; it is backed up first, and what is live now waits in the trash for 7 days.',
  ],
};
