import type { Client } from '../../electron/api/client.ts';
import type { Discovery, ProductSummary } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

const theOne = '';

/** The products that Moult can keep. */
export function createProducts(client: Client): Keyed<null, ProductSummary[]> {
  return createKeyed(
    () => theOne,
    () => client.call('products', {}),
  );
}

/** What was found on this machine and is not kept yet. */
export function createDiscoveries(client: Client): Keyed<null, Discovery[]> {
  return createKeyed(
    () => theOne,
    () => client.call('discover', {}),
  );
}
