/** The published JSON Schema of descriptors, for editors: derived from the one schema in the code. */
import { z } from 'zod';
import { descriptorSchema } from './schema.ts';

/**
 * The text of `resources/products/schema.json` (JSON Schema draft 7, which the YAML language servers of editors read best).
 * It says what a pattern can say; rules between parts of a descriptor are checked when it is loaded.
 */
export function descriptorJsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(descriptorSchema, { target: 'draft-7', io: 'input', reused: 'inline' });
  return `${JSON.stringify({ $schema, title: 'Descriptor of a product that Moult keeps', ...rest }, null, 2)}\n`;
}
