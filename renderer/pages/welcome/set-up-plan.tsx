import type { MethodInput } from '../../../electron/api/methods.ts';
import { WhenLoaded } from '../../components/waiting.tsx';
import { PlanView } from '../../plan/plan-view.tsx';
import { useFresh, useStores } from '../../store/use-stores.ts';

/** What a set-up would make, before it is made. */
export function SetUpPlan({ input }: { input: MethodInput<'setUp'> }) {
  const { product, home, name, channel, release } = input;
  const plan = useFresh(useStores().plans, { action: 'set-up', product, home, name, channel, to: release });
  return (
    <WhenLoaded loaded={plan} waiting="Working out what will be made …">
      {(ready) => <PlanView plan={ready} />}
    </WhenLoaded>
  );
}
