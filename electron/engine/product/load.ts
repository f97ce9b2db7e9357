import type { FailureData } from '../../api/failure.ts';
import { Failure } from '../../api/failure.ts';
import type { Descriptor } from './schema.ts';

export interface LoadedProduct {
  descriptor: Descriptor;
  /** The file it was read from. */
  source: string;
  bundled: boolean;
}

export interface Catalogue {
  products: LoadedProduct[];
  /** Descriptors that could not be loaded; they do not hide the others. */
  problems: FailureData[];
}

export async function loadDescriptor(file: string): Promise<Descriptor> {
  throw new Failure('unsupported', `not built yet: ${file}`);
}

export function parseDescriptor(_text: string, file: string): Descriptor {
  throw new Failure('unsupported', `not built yet: ${file}`);
}

export async function loadCatalogue(_folders: readonly { folder: string; bundled: boolean }[]): Promise<Catalogue> {
  throw new Failure('unsupported', 'not built yet');
}
