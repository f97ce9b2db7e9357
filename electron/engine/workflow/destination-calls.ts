/** The calls about destinations and limits. */
import type { Api } from '../../api/methods.ts';
import { addDestination, lookAtDestinations, removeDestination } from './destinations.ts';
import { findInstall, open, type Kit } from './kit.ts';
import { byteLimit, setByteLimit } from './limits.ts';

type DestinationCalls = Pick<Api, 'destinations' | 'addDestination' | 'removeDestination' | 'limits' | 'setLimits'>;

export function destinationCalls(kit: Kit): DestinationCalls {
  return {
    destinations: async ({ install }) => lookAtDestinations(kit, findInstall(kit, install).name),
    addDestination: async ({ install, folder }) => {
      const opened = await open(kit, install, undefined, { brokenConfig: true });
      await addDestination(kit, opened, folder);
      return lookAtDestinations(kit, opened.record.name);
    },
    removeDestination: async ({ install, folder }) => {
      const { name } = findInstall(kit, install);
      removeDestination(kit, name, folder);
      return lookAtDestinations(kit, name);
    },
    limits: async () => ({ bytesPerSecond: byteLimit(kit) }),
    setLimits: async ({ bytesPerSecond }) => {
      setByteLimit(kit, bytesPerSecond);
      return { bytesPerSecond };
    },
  };
}
