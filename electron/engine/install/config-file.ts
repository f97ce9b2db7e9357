import { Failure } from '../../api/failure.ts';
import type { ConfigFile } from '../product/schema.ts';

export interface ConfigText {
  format: ConfigFile['format'];
  text: string;
  /** What the file says; for the format `text` the text itself. */
  value: unknown;
}

export async function readConfig(path: string, _format: ConfigFile['format']): Promise<ConfigText | null> {
  throw new Failure('unsupported', `not built yet: ${path}`);
}

export function valueAt(_config: ConfigText, _key: string): unknown {
  throw new Failure('unsupported', 'not built yet');
}

export function optionsOf(_config: ConfigText): string[] {
  throw new Failure('unsupported', 'not built yet');
}
