import { describe, expect, test } from 'vitest';
import { Failure, groupOf } from '../../../electron/api/failure.ts';
import type { CheckResult } from '../../../electron/api/models.ts';
import { checks, refuseOnFailure, runChecks } from '../../../electron/engine/preflight/checks.ts';
import type { PreflightFacts } from '../../../electron/engine/preflight/facts.ts';

const rehearsal = {
  release: '1.3.0',
  at: '2026-03-04T05:06:07.000Z',
  when: '10 minutes ago',
  before: '15',
  after: '18',
  seconds: 3,
  problem: null,
};

/** An install with which nothing is wrong, and everything to look at. */
const fine: PreflightFacts = {
  action: 'upgrade',
  title: 'Sprig Lite',
  install: 'sprig',
  home: '/srv/sprig',
  homeProblem: null,
  placesProblem: null,
  space: [{ volume: '/srv', needed: 10, free: 100, phases: [{ phase: 'backup', bytes: 10 }] }],
  port: { number: 8377, free: false, ours: true, setting: 'port' },
  service: { running: true, health: 'healthy', detail: null },
  schema: { version: '2', known: '3', dirty: null, error: null, by: '1.0.0', unknown: [] },
  migrations: { altered: [], missing: [] },
  node: [{ needed: '>=20', found: '24.1.0', release: '1.1.0', satisfied: true }],
  config: { unreadable: [], changes: [] },
  shipped: { changed: 0, missing: 0 },
  programs: { folder: '/usr/local/bin', onPath: true, strange: [], unwritable: [] },
  datastores: { live: 'data', others: [] },
  servers: [{ detail: 'PostgreSQL 15 is running', problems: [], warnings: [] }],
  uncommitted: [],
  quarantined: null,
  rehearsal,
  backupFolder: { path: '/backups', problem: null },
  holder: null,
  interrupted: null,
};

/** Nothing of this applies. */
const bare: PreflightFacts = {
  ...fine,
  space: [],
  port: null,
  service: null,
  schema: null,
  migrations: null,
  node: [],
  config: null,
  shipped: null,
  programs: null,
  datastores: null,
  servers: [],
  uncommitted: null,
  rehearsal: null,
  backupFolder: null,
};

function look(id: string, facts: PreflightFacts): CheckResult | undefined {
  return runChecks(facts).find((result) => result.check === id);
}

test('where all is well every check that applies says so', () => {
  const results = runChecks(fine);
  expect(results.filter((result) => result.status !== 'pass')).toEqual([]);
  expect(results.map((result) => result.check)).toEqual(checks.map((check) => check.id).filter((id) => id !== 'quarantine'));
  expect(() => refuseOnFailure(results)).not.toThrow();
});

test('what does not apply is left out', () => {
  expect(runChecks(bare).map((result) => result.check)).toEqual(['interrupted', 'lock', 'home', 'places']);
});

test('all have ids and titles of their own', () => {
  expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length);
  expect(new Set(checks.map((check) => check.title)).size).toBe(checks.length);
});

const problem = {
  code: 'bad-home' as const,
  message: '/ is the root of the whole system',
  remedy: { action: 'choose-folder' as const, text: 'Choose another.' },
};

const unsaved = { item: 'notes', title: 'Notes', path: '/home/notes', files: 3 };

/** Each way in which a check refuses: the facts, the code, and what its sentence must name. */
const refusals: [string, Partial<PreflightFacts>, string, string[]][] = [
  [
    'interrupted',
    { interrupted: { operation: 'a', kind: 'upgrade', step: 'switch', startedAt: '', recovery: 'undo' } },
    'interrupted',
    ['upgrade', 'switch', 'undone'],
  ],
  [
    'interrupted',
    { interrupted: { operation: 'a', kind: 'purge', step: 'tidy', startedAt: '', recovery: 'finish' } },
    'interrupted',
    ['purge', 'finished'],
  ],
  ['uncommitted', { uncommitted: [unsaved] }, 'not-confirmed', ['"Notes" (/home/notes)', '3 files']],
  ['uncommitted', { uncommitted: [{ ...unsaved, files: null }] }, 'not-confirmed', ['Git cannot tell']],
  ['lock', { holder: { pid: 4711, operation: 'upgrade', since: '2026-03-04' } }, 'locked', ['4711', 'upgrade', '2026-03-04']],
  ['home', { homeProblem: problem }, 'bad-home', ['root of the whole system']],
  ['places', { placesProblem: { ...problem, code: 'outside-roots', message: 'notes leads out' } }, 'outside-roots', ['notes leads out']],
  ['backup-folder', { backupFolder: { path: '/x', problem: '/x exists already' } }, 'bad-input', ['/x exists already']],
  ['config', { config: { unreadable: ['config.yaml, line 3: no colon'], changes: [] } }, 'bad-config', ['config.yaml', 'line 3']],
  [
    'schema',
    { schema: { version: null, known: '3', dirty: null, error: 'file is not a database', by: '1.0.0', unknown: [] } },
    'check-failed',
    ['not a database'],
  ],
  [
    'schema',
    { schema: { version: '4', known: '4', dirty: 'version 4 was not finished', error: null, by: '1.0.0', unknown: [] } },
    'schema-dirty',
    ['version 4'],
  ],
  [
    'schema',
    { schema: { version: '18', known: '15', dirty: null, error: null, by: '1.1.0', unknown: ['18'] } },
    'schema-ahead',
    ['datastore is at schema version 18 but release 1.1.0 only knows up to 15'],
  ],
  [
    'node',
    { node: [...fine.node, { needed: '>=26', found: '24.1.0', release: '2.0.0', satisfied: false }] },
    'check-failed',
    ['2.0.0', '>=26', '24.1.0'],
  ],
  ['port', { port: { number: 8377, free: false, ours: false, setting: 'port' } }, 'port-in-use', ['8377']],
  ['port', { action: 'set-up', port: { number: 8377, free: false, ours: false, setting: null } }, 'port-in-use', ['8377']],
  [
    'space',
    {
      space: [
        fine.space[0] as PreflightFacts['space'][number],
        { volume: '/data', needed: 3000, free: 1000, phases: [{ phase: 'backup', bytes: 3000 }] },
      ],
    },
    'no-space',
    ['/data', 'backup'],
  ],
  [
    'programs',
    { programs: { folder: '/usr/local/bin', onPath: true, strange: ['/opt/bin/sprig'], unwritable: [] } },
    'check-failed',
    ['/opt/bin/sprig'],
  ],
  [
    'programs',
    { programs: { folder: '/usr/local/bin', onPath: true, strange: [], unwritable: ['/usr/local/bin'] } },
    'check-failed',
    ['/usr/local/bin'],
  ],
  ['datastores', { datastores: { live: null, others: ['docker'] } }, 'unsupported', ['docker']],
  [
    'datastore-server',
    {
      servers: [
        {
          detail: '',
          problems: [{ ...problem, code: 'unsupported', message: 'the data is of PostgreSQL 14, the programs are of 15' }],
          warnings: [],
        },
      ],
    },
    'unsupported',
    ['PostgreSQL 14', '15'],
  ],
];

describe('a check that refuses', () => {
  test.each(refusals)('%s names what, where and what to do (%#)', (id, facts, code, says) => {
    const result = look(id, { ...fine, ...facts });
    expect(result?.status).toBe('fail');
    for (const part of says) expect(result?.message).toContain(part);
    expect(result?.remedy?.text).toMatch(/\w/);
    const failure = failureOf(runChecks({ ...fine, ...facts }));
    expect(failure).toMatchObject({ code, details: { check: id }, remedy: { action: expect.any(String) as string } });
    // Nothing was touched yet: the exit code of a refusal, or of an operation that must be recovered.
    expect(['refused', 'usage', 'interrupted']).toContain(groupOf((failure as Failure).code));
  });

  test('is there for every check but those that only warn', () => {
    const refusing = new Set(refusals.map(([id]) => id));
    expect(checks.map((check) => check.id).filter((id) => !refusing.has(id))).toEqual([
      'migrations',
      'service',
      'shipped',
      'quarantine',
      'rehearsal',
    ]);
  });

  test('does not keep the others from being run', () => {
    const facts = Object.assign(
      {},
      fine,
      ...refusals
        .filter(([id]) => id !== 'schema' && id !== 'interrupted' && id !== 'programs' && id !== 'datastores' && id !== 'datastore-server')
        .map(([, one]) => one),
    ) as PreflightFacts;
    const failed = runChecks(facts).filter((result) => result.status === 'fail');
    expect(failed.map((result) => result.check)).toEqual(
      ['lock', 'home', 'places', 'backup-folder', 'config', 'node', 'port', 'space', 'uncommitted'].filter(
        (id) => id !== 'places' || facts.action !== 'set-up',
      ),
    );
    expect(failureOf(runChecks(facts))?.code).toBe('locked');
  });
});

describe('a check that warns', () => {
  const warnings: [string, Partial<PreflightFacts>, string[]][] = [
    ['migrations', { migrations: { altered: ['1'], missing: ['2', '3'] } }, ['1', '2']],
    ['service', { service: { running: true, health: 'unhealthy', detail: 'no answer' } }, ['unhealthy', 'no answer']],
    ['shipped', { shipped: { changed: 2, missing: 1 } }, ['2', '1']],
    ['programs', { programs: { folder: '/opt/bin', onPath: false, strange: [], unwritable: [] } }, ['/opt/bin', 'PATH']],
    ['datastores', { datastores: { live: 'data', others: ['docker'] } }, ['data', 'docker']],
    ['quarantine', { quarantined: { release: '1.3.0', reason: 'it died' } }, ['1.3.0', 'it died']],
    ['rehearsal', { rehearsal: { ...rehearsal, problem: 'it died' } }, ['1.3.0', '10 minutes ago', 'it died']],
    ['config', { config: { unreadable: [], changes: ['"theme" is called "look"'] } }, ['"theme" is called "look"']],
  ];
  test.each(warnings)('%s says so and lets a person go on', (id, facts, says) => {
    const results = runChecks({ ...fine, ...facts });
    const result = results.find((entry) => entry.check === id);
    expect(result?.status).toBe('warn');
    for (const part of says) expect(result?.message).toContain(part);
    expect(() => refuseOnFailure(results)).not.toThrow();
  });
});

test('a product that does not run is no obstacle', () => {
  expect(look('service', { ...fine, service: { running: false, health: 'stopped', detail: null } })?.status).toBe('pass');
  expect(look('port', { ...fine, port: { number: 1, free: true, ours: false, setting: null } })?.status).toBe('pass');
  expect(
    look('schema', { ...fine, schema: { version: null, known: '3', dirty: null, error: null, by: '1.0.0', unknown: [] } })?.status,
  ).toBe('pass');
});

function failureOf(results: readonly CheckResult[]): Failure | null {
  try {
    refuseOnFailure(results);
    return null;
  } catch (error) {
    return error instanceof Failure ? error : null;
  }
}

test('a rehearsal is told with what became of the schema, and how long it took', () => {
  const says = (more: object) => look('rehearsal', { ...fine, rehearsal: { ...rehearsal, ...more } })?.message;
  expect(says({})).toBe('Rehearsed 10 minutes ago: healthy, schema 15 → 18, 3 s.');
  expect(says({ before: null })).toBe('Rehearsed 10 minutes ago: healthy, schema none → 18, 3 s.');
  expect(says({ before: '18' })).toBe('Rehearsed 10 minutes ago: healthy, schema 18 as before, 3 s.');
  expect(says({ before: null, after: null })).toBe('Rehearsed 10 minutes ago: healthy, 3 s.');
});
