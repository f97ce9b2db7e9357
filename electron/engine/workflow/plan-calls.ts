/** `plan`: one door to the plans of all actions. */
import { Failure } from '../../api/failure.ts';
import type { ActionKind, Plan } from '../../api/models.ts';
import { refuseInterrupted } from './interrupted.ts';
import { type Kit, type OpenedInstall, anyState, findInstall, open } from './kit.ts';
import { prepareBackUp } from './plan-back-up.ts';
import { prepareFreshStart, prepareUndo, prepareUninstall } from './plan-removal.ts';
import { isAnew, prepareRestoreAnew } from './plan-restore-anew.ts';
import { prepareRestore, prepareRollBack } from './plan-restore.ts';
import { prepareAdopt } from './plan-adopt.ts';
import { prepareSetUp } from './plan-set-up.ts';
import { prepareUpgrade } from './plan-upgrade.ts';
import { type Prepared } from './preparation.ts';
import type { MethodInput } from '../../api/methods.ts';

/** The plan of any action. */
export async function planFor(kit: Kit, input: MethodInput<'plan'>): Promise<Plan> {
  const action = input.action ?? 'upgrade';
  if (action === 'set-up' || action === 'adopt') {
    if (input.product === undefined) throw new Failure('bad-input', `a plan to ${action.replace('-', ' ')} needs a product`);
    const wish = {
      product: input.product,
      home: input.home,
      name: input.name,
      channel: input.channel,
      release: input.to,
      port: input.port,
    };
    return (await (action === 'set-up' ? prepareSetUp(kit, wish) : prepareAdopt(kit, wish))).plan;
  }
  if (action === 'restore' && input.input !== undefined && (await isAnew(kit, { ...input, input: input.input })))
    return (await prepareRestoreAnew(kit, { ...input, input: input.input })).plan;
  const states = action === 'undo' ? anyState : undefined;
  // A plan over half-done work would promise what nobody can keep, or be refused for what recovery will take away.
  await refuseInterrupted(kit, findInstall(kit, input.install, states).home);
  const opened = await open(kit, input.install, states, { brokenConfig: action === 'restore' });
  return (await prepareOne(kit, opened, action, input)).plan;
}

async function prepareOne(
  kit: Kit,
  opened: OpenedInstall,
  action: Exclude<ActionKind, 'set-up' | 'adopt'>,
  input: MethodInput<'plan'>,
): Promise<Prepared> {
  switch (action) {
    case 'roll-back':
      return prepareRollBack(kit, opened);
    case 'back-up':
      return prepareBackUp(kit, opened, undefined);
    case 'restore':
      if (input.input === undefined)
        throw new Failure('bad-input', 'a plan to restore needs a backup: a file or an id', {
          remedy: { action: 'restore-backup', text: 'See which backups there are, and name one:', command: 'moult backups' },
        });
      return prepareRestore(kit, opened, input.input, input);
    case 'uninstall':
    case 'purge':
      return prepareUninstall(kit, opened, action === 'purge', input.including);
    case 'fresh-start':
      return prepareFreshStart(kit, opened, input.to, input.including);
    case 'undo':
      return prepareUndo(kit, opened, undefined);
    default:
      return prepareUpgrade(kit, opened, { to: input.to });
  }
}
