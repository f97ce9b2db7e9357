import { Failure } from '../../api/failure.ts';
import type { ConfigText } from './config-file.ts';

/** What a release's JSON Schema says of the options of one config file. */
export interface OptionRules {
  schema: Record<string, unknown>;
}

export interface OptionFindings {
  unknown: string[];
  deprecated: { option: string; message: string }[];
  renamed: { option: string; to: string }[];
  removed: { option: string; message: string }[];
  /** `found` is the kind of value, never the value. */
  wrongType: { option: string; expected: string; found: string }[];
}

export function readOptionRules(_jsonSchemaText: string): OptionRules {
  throw new Failure('unsupported', 'not built yet');
}

export function compareOptions(_rules: OptionRules, _config: ConfigText): OptionFindings {
  throw new Failure('unsupported', 'not built yet');
}
