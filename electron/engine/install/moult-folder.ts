/** Where Moult keeps what belongs to one install: beside it, on its own file system, so that renames are atomic. */
import { join } from 'node:path';

export interface MoultFolder {
  root: string;
  record: string;
  journal: string;
  staging: string;
  downloads: string;
  slots: string;
  trash: string;
  /** A convenience link to the active slot; `install.json` is what counts. */
  current: string;
  service: string;
  /** Space that a running operation holds for its way back. */
  reserve: string;
  /** When it is backed up by itself. */
  schedule: string;
}

/** The names below `<home>/.moult`. */
export function moultFolderOf(home: string): MoultFolder {
  const root = join(home, '.moult');
  return {
    root,
    record: join(root, 'install.json'),
    journal: join(root, 'journal'),
    staging: join(root, 'staging'),
    downloads: join(root, 'staging', 'downloads'),
    slots: join(root, 'slots'),
    trash: join(root, 'trash'),
    current: join(root, 'current'),
    service: join(root, 'service.json'),
    reserve: join(root, 'reserve'),
    schedule: join(root, 'schedule.json'),
  };
}
