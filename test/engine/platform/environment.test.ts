import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  environmentWithout,
  expandHome,
  moultHome,
  nodeCommand,
  platform,
  resourcesFolder,
  userHome,
} from '../../../electron/engine/platform/environment.ts';
import { exists } from '../../../electron/engine/platform/files.ts';

beforeEach(() => {
  for (const name of ['MOULT_HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe.runIf(platform() === 'linux')("Moult's own folder on Linux", () => {
  test('is what MOULT_HOME says, made absolute', () => {
    vi.stubEnv('MOULT_HOME', 'somewhere/else');
    expect(moultHome()).toBe(resolve('somewhere/else'));
  });

  test('lies in XDG_DATA_HOME, or where that is by default', () => {
    expect(moultHome()).toBe(join(userHome(), '.local/share/moult'));
    vi.stubEnv('XDG_DATA_HOME', '/srv/data');
    expect(moultHome()).toBe('/srv/data/moult');
  });

  test.each(['', 'relative/folder'])('ignores XDG_DATA_HOME=%j, as its standard demands', (value) => {
    vi.stubEnv('XDG_DATA_HOME', value);
    expect(moultHome()).toBe(join(userHome(), '.local/share/moult'));
  });
});

describe('expandHome', () => {
  test('fills in the home folder only where it leads', () => {
    expect(expandHome('~')).toBe(resolve(userHome()));
    expect(expandHome('~/notes')).toBe(join(userHome(), 'notes'));
    expect(expandHome('/a/~/b')).toBe(resolve('/a/~/b'));
    expect(expandHome('~other/b')).toBe(resolve('~other/b'));
  });

  test('fills in variables in each notation', () => {
    vi.stubEnv('MOULT_TEST_2', '/set');
    expect(expandHome('$MOULT_TEST_2/a')).toBe(resolve('/set/a'));
    expect(expandHome('${MOULT_TEST_2}/a')).toBe(resolve('/set/a'));
    expect(expandHome('%MOULT_TEST_2%/a')).toBe(resolve('/set/a'));
  });

  test('knows where an unset XDG folder is by default', () => {
    expect(expandHome('$XDG_CONFIG_HOME/sprig')).toBe(join(userHome(), '.config/sprig'));
    expect(expandHome('${XDG_DATA_HOME}/sprig')).toBe(join(userHome(), '.local/share/sprig'));
  });

  test('leaves unknown variables alone', () => {
    expect(expandHome('/a/$MOULT_NOT_SET/b')).toBe(resolve('/a/$MOULT_NOT_SET/b'));
  });
});

describe('environmentWithout', () => {
  test('strips by exact name and by pattern, and nothing else', () => {
    vi.stubEnv('MOULT_TEST_KEEP', '1');
    vi.stubEnv('MOULT_TEST_DROP', '1');
    vi.stubEnv('MOULT_SECRET_A', '1');
    vi.stubEnv('MOULT_SECRET_B', '1');
    vi.stubEnv('MOULTXSECRET', '1');
    const environment = environmentWithout(['MOULT_TEST_DROP', 'MOULT_SECRET_*', 'MOULT.SECRET']);
    expect(environment).toMatchObject({ MOULT_TEST_KEEP: '1', MOULTXSECRET: '1' });
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['MOULT_TEST_DROP']));
    expect(Object.keys(environment).filter((name) => name.startsWith('MOULT_SECRET'))).toEqual([]);
  });
});

test('resources are found from the sources', async () => {
  expect(await exists(join(resourcesFolder(), 'products'))).toBe(true);
});

test('products run on this Node', () => {
  expect(nodeCommand()).toEqual({ path: process.execPath, env: {} });
});
