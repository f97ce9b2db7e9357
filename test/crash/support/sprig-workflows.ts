/** Upgrades and restores of the sample as cases. */
import { only } from './modes.ts';
import { keptBackup, ledgerOf } from './sprig-world.ts';
import { active, like, nameOf, type Workflow } from './workflows.ts';

const byName = { install: 'sprig' };

/** One of each first. */
const all: readonly Workflow[] = [
  {
    action: 'upgrade',
    variant: 'of the sample',
    state: 'one',
    method: 'upgrade',
    running: true,
    input: () => ({ ...byName, to: '1.1.0' }),
    end: 'one',
    after: (model, running) => like(model, { record: active('1.1.0'), schema: ledgerOf('1.1.0'), running }),
  },
  {
    action: 'restore',
    variant: 'of the sample',
    state: 'changed',
    method: 'restore',
    running: true,
    input: (world) => ({ ...byName, input: keptBackup(world) }),
    end: 'one',
    after: (model, running) => like(model, { schema: ledgerOf('1.0.0'), running }),
  },
  {
    action: 'upgrade',
    variant: 'of the sample, with a history and another runtime',
    state: 'upgraded',
    method: 'upgrade',
    running: true,
    input: () => ({ ...byName, to: '1.2.0' }),
    end: 'upgraded',
    after: (model, running) => like(model, { record: active('1.2.0'), schema: ledgerOf('1.2.0'), running }),
  },
  {
    action: 'restore',
    variant: 'of the sample, of an older schema',
    state: 'upgraded',
    method: 'restore',
    running: true,
    input: (world) => ({ ...byName, input: keptBackup(world) }),
    end: 'one',
    after: (model, running) => like(model, { record: active('1.1.0'), schema: ledgerOf('1.1.0'), running }),
  },
];

export const sprigWorkflows: readonly Workflow[] = all.filter((workflow) => only.test(nameOf(workflow)));
