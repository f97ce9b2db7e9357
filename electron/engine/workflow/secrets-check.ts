/**
 * Data that was encrypted by a product with its own secret is worth nothing beside another secret. Each backup tells a keyed fingerprint of
 * the secrets that the install had; before data is put back without them, it is compared with what is there now.
 */
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { isWithin } from '../install/paths.ts';
import type { ResolvedItem } from '../install/items.ts';
import { placesOfBackup } from './backup-places.ts';
import { fingerprint, fingerprintKeyId, fingerprintsByItem } from './capture.ts';
import type { Kit, OpenedInstall } from './kit.ts';

/**
 * Throws `foreign-secrets` when items that `brings` says yes to would stand beside secrets that cannot open them. Nothing is wrong where
 * the secrets come back with them, where none of them depends on secrets, and where the fingerprint is of another machine's key.
 */
export async function refuseForeignSecrets(
  kit: Kit,
  opened: OpenedInstall,
  manifest: BackupManifest,
  brings: (item: string) => boolean,
  backup: string,
): Promise<void> {
  const secrets = opened.items.filter((item) => item.item.secret && item.keys !== undefined);
  const sealed = opened.items.filter((item) => brings(item.item.id) && dependsOnSecrets(opened, item));
  if (secrets.length === 0 || sealed.length === 0 || manifest.secretsFingerprint === null) return;
  if (manifest.secretsKey !== undefined && manifest.secretsKey !== fingerprintKeyId(kit)) return;
  const places = (await placesOfBackup(opened, manifest, false)).filter((place) => brings(place.item));
  const present = await fingerprintsByItem(kit, opened);
  const isChanged = ({ item }: ResolvedItem) =>
    manifest.secretsByItem === undefined || manifest.secretsByItem[item.id] !== present[item.id];
  const stays = secrets.filter(
    (item) => isChanged(item) && !brings(item.item.id) && !places.some((place) => isWithin(place.live, item.keys?.file ?? '')),
  );
  if (stays.length === 0 || manifest.secretsFingerprint === (await fingerprint(kit, opened))) return;
  const { name } = opened.record;
  const titles = stays.map(({ item }) => item.title).join(', ');
  const ids = [...new Set(manifest.items.filter(({ item }) => brings(item)).map(({ item }) => item)), ...stays.map(({ item }) => item.id)];
  throw new Failure(
    'foreign-secrets',
    `${sealed.map(({ item }) => item.title).join(', ')} in this backup cannot be read with the secrets that ${name} has now (${titles}): they were changed since.`,
    {
      remedy: {
        action: 'restore-backup',
        text: `Put the secrets of the backup back with it: restore ${titles} too, or all of the backup. To keep the secrets that are there, leave ${sealed.map(({ item }) => item.title).join(', ')} out, or keep them on purpose (--keep-secrets) when it does not depend on them.`,
        command: `moult restore ${name} --input ${backup} ${ids.map((id) => `--item ${id}`).join(' ')}`,
      },
      details: { items: sealed.map(({ item }) => item.id), secrets: stays.map(({ item }) => item.id) },
    },
  );
}

/** A datastore, or a secret in a file of its own, may be encrypted with the secret options. A workspace is not. */
function dependsOnSecrets(opened: OpenedInstall, { item, keys, kind }: ResolvedItem): boolean {
  if (keys !== undefined || kind !== 'files') return false;
  return item.secret || opened.descriptor.datastores.some((store) => store.item === item.id);
}
