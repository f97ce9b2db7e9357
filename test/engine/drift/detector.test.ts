import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../electron/api/models.ts';
import { detectDrift, detectors, type DriftFacts } from '../../../electron/engine/drift/detector.ts';
import type { LedgerFacts } from '../../../electron/engine/drift/facts.ts';

const calm = { pending: [], unknown: [], altered: [], missing: [], ahead: false, dirty: null };
const ledger: LedgerFacts = { reading: { version: '15', dirty: null }, migrations: { known: '15' }, comparison: calm };
const noOptions = { unknown: [], deprecated: [], renamed: [], removed: [] };
const inOrder: DriftFacts = {
  install: 'sprig',
  release: '1.1.0',
  target: '2.0.0',
  ledger,
  shipped: { changed: [], missing: [], foreign: [] },
  config: [{ file: 'config.yaml', installed: noOptions, target: noOptions }],
  runtime: { pinned: '1.0', found: '1.0\n' },
  items: [
    { item: 'datastore', title: 'Datastore', exists: true, required: true, paths: ['/home/data.db'] },
    { item: 'context', title: 'Context', exists: false, required: false, paths: ['/home/context'] },
  ],
  programs: null,
  datastores: null,
  service: { running: true, runningRelease: '1.1.0' },
  keptOlderReleases: ['1.0.0'],
  newestBackupForRelease: { id: 'b1', at: '2026-11-01T10:00:00.000Z' },
  releaseThatKnowsSchema: '2.0.0',
};

const ahead: Partial<DriftFacts> = {
  ledger: {
    reading: { version: '18', dirty: null },
    migrations: { known: '15' },
    comparison: { ...calm, ahead: true, unknown: ['16', '17', '18'] },
  },
};
const dirty: Partial<DriftFacts> = { ledger: { ...ledger, reading: { version: '15', dirty: 'migration 15 was begun and not finished' } } };
const altered = (cosmetic: boolean | null): Partial<DriftFacts> => ({
  ledger: { ...ledger, comparison: { ...calm, altered: [{ version: '3', expected: 'aa', found: 'bb', cosmetic }] } },
});

test('an install in order has no findings, and nothing is unknown', () => {
  expect(detectDrift(inOrder)).toEqual({ findings: [], unknown: [] });
});

test('what a product does not have is no finding', () => {
  const bare: DriftFacts = {
    ...inOrder,
    ledger: null,
    config: [],
    runtime: null,
    items: [],
    service: { running: false, runningRelease: null },
  };
  expect(detectDrift(bare)).toEqual({ findings: [], unknown: [] });
  expect(detectDrift({ ...inOrder, ledger: { ...ledger, reading: null, comparison: null } }).findings).toEqual([]);
});

const cases: [name: string, facts: Partial<DriftFacts>, expected: Partial<Finding>][] = [
  [
    'schema ahead',
    ahead,
    { kind: 'schema-ahead', severity: 'problem', expected: 'schema version 15 or older', found: 'schema version 18' },
  ],
  ['schema dirty', dirty, { kind: 'schema-dirty', severity: 'problem' }],
  [
    'schema unreadable',
    { ledger: { error: 'the file is not a database' } },
    { kind: 'schema-unreadable', severity: 'problem', found: 'the file is not a database' },
  ],
  [
    'migration altered',
    altered(false),
    { kind: 'migration-altered', severity: 'problem', subject: 'migration 3', expected: 'checksum aa', found: 'checksum bb' },
  ],
  ['migration altered, unknown how', altered(null), { kind: 'migration-altered', severity: 'problem' }],
  ['migration altered in blanks only', altered(true), { kind: 'migration-altered', severity: 'warning' }],
  [
    'migration missing',
    { ledger: { ...ledger, comparison: { ...calm, missing: ['2'] } } },
    { kind: 'migration-missing', severity: 'problem', subject: 'migration 2' },
  ],
  [
    'shipped file changed',
    { shipped: { changed: ['bin/a.js'], missing: [], foreign: [] } },
    { kind: 'shipped-changed', severity: 'warning', subject: 'bin/a.js' },
  ],
  [
    'shipped file missing',
    { shipped: { changed: [], missing: ['bin/a.js'], foreign: [] } },
    { kind: 'shipped-missing', severity: 'problem', subject: 'bin/a.js' },
  ],
  [
    'foreign file',
    { shipped: { changed: [], missing: [], foreign: ['bin/x.js'] } },
    { kind: 'foreign-file', severity: 'warning', subject: 'bin/x.js' },
  ],
  [
    'option unknown',
    { config: [{ file: 'config.yaml', installed: { ...noOptions, unknown: ['colour'] }, target: null }] },
    { kind: 'config-unknown', severity: 'warning', subject: 'config.yaml: colour' },
  ],
  [
    'option deprecated',
    { config: [{ file: 'config.yaml', installed: { ...noOptions, deprecated: [{ option: 'a', message: 'use b' }] }, target: null }] },
    { kind: 'config-deprecated', severity: 'warning' },
  ],
  [
    'option renamed',
    { config: [{ file: 'config.yaml', installed: { ...noOptions, renamed: [{ option: 'title', to: 'site_title' }] }, target: null }] },
    { kind: 'config-deprecated', expected: 'site_title', found: 'title (renamed)' },
  ],
  [
    'option removed in the target',
    { config: [{ file: 'config.yaml', installed: noOptions, target: { ...noOptions, removed: [{ option: 'a', message: 'gone' }] } }] },
    { kind: 'config-removed-in-target', severity: 'warning' },
  ],
  [
    'option renamed in the target',
    { config: [{ file: 'config.yaml', installed: noOptions, target: { ...noOptions, renamed: [{ option: 'title', to: 'site_title' }] } }] },
    { kind: 'config-removed-in-target', severity: 'info' },
  ],
  [
    'config unreadable',
    { config: [{ file: 'config.yaml', installed: null, target: null, error: 'line 3: a tab' }] },
    { kind: 'config-unreadable', severity: 'problem', found: 'line 3: a tab' },
  ],
  [
    'another runtime',
    { runtime: { pinned: '1.1', found: '1.0' } },
    { kind: 'runtime-mismatch', severity: 'problem', expected: '1.1', found: '1.0' },
  ],
  [
    'a server of another version than the command line',
    { programs: { folder: '/bin', strange: [], stale: ['/bin/leoflow-server'] } },
    {
      kind: 'programs-stale',
      severity: 'problem',
      subject: '/bin/leoflow-server',
      message: expect.stringContaining('different versions') as string,
    },
  ],
  [
    'a further copy on PATH',
    { programs: { folder: '/bin', strange: ['/opt/x/leoflow'], stale: [] } },
    { kind: 'programs-stale', severity: 'warning', subject: '/opt/x/leoflow' },
  ],
  [
    'a second datastore',
    { datastores: { live: '/home/pgdata', others: ['the Docker volume x'] } },
    { kind: 'datastore-second', severity: 'warning', found: 'the Docker volume x', expected: 'only /home/pgdata' },
  ],
  ['no runtime', { runtime: { pinned: '1.1', found: null } }, { kind: 'runtime-mismatch', found: 'none' }],
  [
    'item missing',
    { items: [{ item: 'workspace', title: 'Workspace', exists: false, required: true, paths: ['/home/notes'] }] },
    { kind: 'item-missing', severity: 'problem', subject: 'workspace', expected: '/home/notes' },
  ],
  [
    'another release runs',
    { service: { running: true, runningRelease: '1.0.0' } },
    { kind: 'service-mismatch', severity: 'problem', expected: '1.1.0', found: '1.0.0' },
  ],
];

for (const [name, facts, expected] of cases) {
  test(`one finding: ${name}`, () => {
    const { findings } = detectDrift({ ...inOrder, ...facts });
    expect(findings).toHaveLength(1);
    const [finding] = findings;
    expect(finding).toMatchObject(expected);
    expect(finding?.alternatives.length).toBeGreaterThan(0);
    for (const text of [finding?.expected, finding?.found, finding?.message, finding?.remedy.text]) expect(text).toMatch(/\S/);
    const said = JSON.stringify(finding).toLowerCase();
    expect(said).not.toMatch(/\breset\b|start(ed)? fresh|fresh-start|undefined|null|\[object/);
  });
}

describe('schema ahead', () => {
  const find = (facts: Partial<DriftFacts>) => detectDrift({ ...inOrder, ...ahead, ...facts }).findings[0];
  test('says both versions and what is wrong', () => {
    expect(find({})?.message).toBe(
      'datastore is at schema version 18 but release 1.1.0 only knows up to 15; an older release is being run against a newer datastore',
    );
    expect(find({ service: { running: false, runningRelease: null } })?.message).toMatch(/must not be run against a newer datastore$/);
  });
  test('offers upgrade, restore, roll back and stop', () => {
    expect(find({})?.remedy).toMatchObject({ action: 'choose-release', text: 'Upgrade to release 2.0.0, which knows schema version 18.' });
    expect(find({})?.alternatives.map((way) => way.action)).toEqual(['restore-backup', 'roll-back', 'stop-service']);
    expect(find({})?.alternatives[0]?.command).toBe('moult restore sprig --input b1');
    const poor = find({
      releaseThatKnowsSchema: null,
      newestBackupForRelease: null,
      keptOlderReleases: [],
      service: { running: false, runningRelease: null },
    });
    expect(poor?.remedy.text).toBe('Upgrade to a release that knows schema version 18.');
    expect(poor?.alternatives.map((way) => way.text)).toEqual(['Restore a backup that release 1.1.0 made.']);
  });
});

describe('what could not be looked at is told', () => {
  const unknown = (facts: Partial<DriftFacts>) => detectDrift({ ...inOrder, ...facts }).unknown.map((one) => one.detector);
  test('a ledger that cannot be read', () => {
    expect(unknown({ ledger: { error: 'no' } })).toEqual(['schema-ahead', 'schema-dirty', 'migration-altered', 'migration-missing']);
  });
  test('a release that does not tell its schema', () =>
    expect(unknown({ ledger: { ...ledger, migrations: { known: null }, comparison: null } })).toEqual(['schema-ahead']));
  test('no list of shipped files', () => expect(unknown({ shipped: null })).toEqual(['shipped-files']));
  test('a list of shipped files that cannot be read', () => expect(unknown({ shipped: { error: 'no' } })).toEqual(['shipped-files']));
  test('a release that tells no options', () =>
    expect(unknown({ config: [{ file: 'settings.js', installed: null, target: null }] })).toEqual(['config-options']));
  test('a release that pins no runtime', () => expect(unknown({ runtime: { pinned: null, found: '1.0' } })).toEqual(['runtime-mismatch']));
  test('a product that does not tell its release', () =>
    expect(unknown({ service: { running: true, runningRelease: null } })).toEqual(['service-mismatch']));
});

test('the gravest come first', () => {
  const { findings } = detectDrift({
    ...inOrder,
    ...ahead,
    shipped: { changed: ['a'], missing: ['b'], foreign: [] },
    config: [{ file: 'config.yaml', installed: noOptions, target: { ...noOptions, renamed: [{ option: 'title', to: 'site_title' }] } }],
  });
  expect(findings.map((finding) => finding.kind)).toEqual([
    'schema-ahead',
    'shipped-missing',
    'shipped-changed',
    'config-removed-in-target',
  ]);
});

test('a finding of the installed release is not repeated for the target', () => {
  const options = { ...noOptions, unknown: ['colour'] };
  expect(
    detectDrift({ ...inOrder, config: [{ file: 'config.yaml', installed: options, target: options }] }).findings.map(
      (finding) => finding.kind,
    ),
  ).toEqual(['config-unknown']);
});

test('thousands of changed files are told in a few lines', () => {
  const changed = Array.from({ length: 5000 }, (_, index) => `file-${index}`);
  const { findings } = detectDrift({ ...inOrder, shipped: { changed, missing: [], foreign: [] } });
  expect(findings).toHaveLength(101);
  expect(findings.at(-1)?.subject).toBe('4900 more files');
});

test('detectors have ids and titles of their own', () => {
  expect(new Set(detectors.map((detector) => detector.id)).size).toBe(detectors.length);
  expect(detectors.every((detector) => /^[A-Z]/.test(detector.title))).toBe(true);
});
