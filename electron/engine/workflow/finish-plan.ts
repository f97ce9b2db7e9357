/** The common end of every plan of an install that is there. */
import { Failure } from '../../api/failure.ts';
import type { Fate, Plan, PlanItem } from '../../api/models.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { expectedDowntime } from './plan-upgrade.ts';
import { makePlan, planItem, type Prepared, type Survey } from './preparation.ts';
import { makeScene, outline, type Program, type Scene } from './program.ts';

interface Rest {
  items: PlanItem[];
  to: string | null;
  from?: string | null;
  downtime?: number | null;
  warnings?: string[];
  choice?: NonNullable<Plan['choice']>;
}

export function finishPlan<Data>(
  kit: Kit,
  seen: Survey,
  action: Prepared['action'],
  data: Data,
  build: (scene: Scene, data: Data) => Program,
  facts: PreflightFacts,
  rest: Rest,
): Prepared {
  const { opened } = seen;
  const { record, descriptor, home } = opened;
  const scene = makeScene({ kit, operation: 'plan', action, install: record.name, home, descriptor, before: record });
  const plan: Plan = makePlan({
    action,
    install: record.name,
    product: record.product,
    home,
    from: rest.from === undefined ? record.release : rest.from,
    to: rest.to,
    path: [],
    items: rest.items,
    strays: seen.strays,
    space: facts.space,
    downtime: rest.downtime === undefined ? expectedDowntime(kit, home, 1) : rest.downtime,
    configChanges: [],
    warnings: rest.warnings ?? [],
    ...(rest.choice !== undefined && { choice: rest.choice }),
    steps: outline(build(scene, data)),
    facts,
  });
  return { action, descriptor, install: record.name, home, before: record, data, plan };
}

export function itemsWith(seen: Survey, fateOf: (item: OpenedInstall['items'][number]) => Fate): PlanItem[] {
  return seen.opened.items.flatMap((entry) => {
    const fate = fateOf(entry);
    const change =
      fate === 'remove' ? ('removed' as const) : fate === 'keep' || fate === 'preserve' ? ('kept' as const) : ('changed' as const);
    const after = fate === 'remove' ? 'in the trash' : fate === 'keep' || fate === 'preserve' ? 'as it is' : 'replaced';
    const item = planItem(seen, entry.item.id, fate, { change, after });
    return item === null ? [] : [{ ...item, note: null }];
  });
}

export function mustBeActive(opened: OpenedInstall): void {
  if (opened.record.state === 'active' && opened.slot !== null) return;
  throw new Failure('not-an-install', `${opened.record.name} is ${opened.record.state}; there is no program to work with`, {
    remedy: {
      action: 'set-up',
      text: 'Set it up again; it picks up where it left off.',
      command: `moult set-up ${opened.record.product} --home ${opened.home}`,
    },
  });
}
