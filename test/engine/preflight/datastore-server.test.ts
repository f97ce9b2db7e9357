import { expect, test } from 'vitest';
import { datastoreServerCheck } from '../../../electron/engine/preflight/datastore-server.ts';
import type { PreflightFacts } from '../../../electron/engine/preflight/facts.ts';

type Server = NonNullable<PreflightFacts['servers']>[number];
const look = (...servers: Server[]) => datastoreServerCheck.look({ servers } as unknown as PreflightFacts);
const fine: Server = { detail: 'PostgreSQL 16 in /data is running, process 7', problems: [], warnings: [] };

test('a datastore server that cannot be worked with refuses with its own code and way out; a warning only warns', () => {
  expect(look()).toBeNull();
  expect(datastoreServerCheck.look({} as PreflightFacts)).toBeNull();
  expect(look(fine)).toEqual({ status: 'pass', message: 'PostgreSQL 16 in /data is running, process 7.' });
  expect(look(fine, { ...fine, warnings: ['PostgreSQL in /data was not stopped in order'] })).toEqual({
    status: 'warn',
    message: 'PostgreSQL in /data was not stopped in order.',
  });
  const remedy = { action: 'choose-release', text: 'Use a release that brings PostgreSQL 15.' } as const;
  const problem = { code: 'unsupported', message: '/data holds data of PostgreSQL 15', remedy, details: { data: '15' } } as const;
  expect(look({ ...fine, warnings: ['something'] }, { ...fine, problems: [problem] })).toEqual({
    status: 'fail',
    code: 'unsupported',
    message: '/data holds data of PostgreSQL 15',
    remedy,
    details: { data: '15' },
  });
});
