/** The file a backup goes to when the person names none: in the backups folder, named after install, release and time. */
import { isAbsolute, join, resolve } from 'node:path';
import type { Backup } from '../../api/models.ts';
import { now } from '../platform/clock.ts';
import { exists, followOrNull } from '../platform/files.ts';
import { isEncrypted } from './encryption.ts';
import { backupsFolder, type Kit, type OpenedInstall } from './kit.ts';

interface Asked {
  output?: string | undefined;
  /** Without it, what the install's setting says. */
  encrypted?: boolean | undefined;
}

/** An absolute path that is free: `<folder>/sprig-1.0.0-2026-05-04T101112Z-before-upgrade.tar.zst`. */
export async function backupFile(kit: Kit, opened: OpenedInstall, reason: Backup['reason'], asks: Asked = {}): Promise<string> {
  const ending = (asks.encrypted ?? isEncrypted(kit, opened.record.name)) ? '.tar.zst.age' : '.tar.zst';
  const name = fileName(opened, reason, ending);
  if (asks.output !== undefined) {
    const asked = isAbsolute(asks.output) ? asks.output : resolve(asks.output);
    return (await followOrNull(asked))?.isDirectory() ? join(asked, name) : asked;
  }
  const folder = backupsFolder(kit, opened.record.name);
  let path = join(folder, name);
  for (let count = 2; await exists(path); count += 1) path = join(folder, name.replace(ending, `-${count}${ending}`));
  return path;
}

function fileName(opened: OpenedInstall, reason: Backup['reason'], ending: string): string {
  const at = now().replaceAll(':', '').replace(/\.\d+/, '');
  const why = reason === 'asked' ? '' : `-${reason}`;
  return `${opened.record.name}-${opened.record.release ?? 'none'}-${at}${why}${ending}`;
}
