import type { Client } from '../../electron/api/client.ts';
import type { Discovery, ProductSummary } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** There is only one of each: nothing has to be said to ask for it. */
export type Everything = Readonly<Record<string, never>>;
export const everything: Everything = {};

const theOne = '';

/** The products that Moult can keep. */
export function createProducts(client: Client): Keyed<Everything, ProductSummary[]> {
  return createKeyed(
    () => theOne,
    () => client.call('products', {}),
  );
}

/** What was found on this machine and is not kept yet. */
export function createDiscoveries(client: Client): Keyed<Everything, Discovery[]> {
  return createKeyed(
    () => theOne,
    () => client.call('discover', {}),
  );
}
