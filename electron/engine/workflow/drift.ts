/** Drift: gathers the facts that the detectors compare. Only looks; what cannot be looked at is told as unknown. */
import { join } from 'node:path';
import { toFailureData } from '../../api/failure.ts';
import type { DriftReport } from '../../api/models.ts';
import { detectDrift } from '../drift/detector.ts';
import type { ConfigFacts, DriftFacts } from '../drift/facts.ts';
import { readConfig } from '../install/config-file.ts';
import { findDatastores } from '../install/elsewhere.ts';
import { programsFacts } from './steps/program-steps.ts';
import { compareOptions, readOptionRules } from '../install/option-rules.ts';
import { compareLedger, compareVersions } from '../ledger/compare.ts';
import { ledgerDriver, type MigrationFile } from '../ledger/driver.ts';
import { readTextOrNull } from '../platform/files.ts';
import { latestFor } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { listSlots } from '../slot/stage.ts';
import { channelOf, lookAtService, readSchema, releasesOf } from './facts.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { rulesOf, versionAt } from './plan-upgrade.ts';
import { lookAtShipped } from './preparation.ts';

/** Compares what should be with what is; `to` names the target release, else the newest one is looked at. */
export async function driftOf(kit: Kit, opened: OpenedInstall, to: string | undefined): Promise<DriftReport> {
  const releases = await releasesOf(opened.descriptor).catch(() => [] as Release[]);
  const target = targetOf(opened, releases, to);
  const { findings, unknown } = detectDrift(await gather(kit, opened, releases, target));
  return { install: opened.record.name, release: opened.record.release, target: target?.version ?? null, findings, unknown };
}

function targetOf(opened: OpenedInstall, releases: readonly Release[], to: string | undefined): Release | null {
  if (to !== undefined) return releases.find((release) => release.version === to) ?? null;
  const { channel, pin, release } = opened.record;
  return latestFor(releases, channelOf(opened.descriptor, channel), release, { quarantined: [], pin });
}

async function gather(kit: Kit, opened: OpenedInstall, releases: readonly Release[], target: Release | null): Promise<DriftFacts> {
  const service = await lookAtService(opened);
  const schema = await readSchema(opened);
  const shipped = await lookAtShipped(opened).catch((error: unknown) => ({ error: toFailureData(error).message }));
  return {
    install: opened.record.name,
    release: opened.record.release,
    target: target?.version ?? null,
    ledger:
      opened.descriptor.ledger === undefined
        ? null
        : schema.error !== null
          ? { error: schema.error, ...(schema.remedy && { remedy: schema.remedy }) }
          : {
              reading: schema.reading,
              migrations: { known: schema.known },
              comparison:
                schema.reading === null || schema.migrations === null
                  ? null
                  : compareLedger(schema.reading, schema.migrations, await originalsOf(opened)),
            },
    shipped:
      opened.slot !== null && shipped === null
        ? { error: 'the release was not unpacked by Moult, so nothing was written down about its files' }
        : shipped,
    config: await configFacts(opened, target),
    runtime: await runtimeFacts(opened),
    // What a broken config file leaves unclear is found there, and not a second time as something that is missing.
    items: opened.items
      .filter((item) => item.kind === 'files' && (opened.unclear === null || item.item.at.every((place) => !('setting' in place))))
      .map((item) => ({
        item: item.item.id,
        title: item.item.title,
        exists: item.exists,
        required: item.item.required,
        paths: item.paths,
      })),
    programs: await programsFacts(opened),
    datastores: await findDatastores(opened.descriptor, opened.home, opened.items),
    service: { running: service.running !== null, runningRelease: service.health.release },
    keptOlderReleases: (await listSlots(opened.folder.slots)).filter((version) => version !== opened.record.release).toReversed(),
    newestBackupForRelease: backupFor(kit, opened, schema.known),
    releaseThatKnowsSchema: knowing(releases, schema.version),
  };
}

/** Migrations of the other releases that are still on disk: they tell a cosmetic change from a real one. */
async function originalsOf(opened: OpenedInstall): Promise<MigrationFile[]> {
  const spec = opened.descriptor.ledger;
  if (spec === undefined) return [];
  const files: MigrationFile[] = [];
  for (const version of await listSlots(opened.folder.slots)) {
    if (version === opened.record.release) continue;
    const fill = (text: string) => opened.fill(text.replaceAll('{slot}', join(opened.folder.slots, version)));
    const known = await ledgerDriver(spec.driver)
      .migrationsOf(spec, fill)
      .catch(() => null);
    files.push(...(known?.files ?? []));
  }
  return files;
}

async function configFacts(opened: OpenedInstall, target: Release | null): Promise<ConfigFacts[]> {
  const facts: ConfigFacts[] = [];
  for (const config of opened.descriptor.config) {
    if (config.format === 'text') continue;
    const file = join(opened.home, config.path);
    try {
      const text = await readConfig(file, config.format);
      if (text === null) continue;
      const installed =
        config.options === undefined || opened.slot === null
          ? null
          : await readTextOrNull(config.options.file.replaceAll('{slot}', opened.slot));
      const coming = config.options === undefined || target === null ? null : await rulesOf(opened, target, config.options.file);
      facts.push({
        file,
        installed: installed === null ? null : compareOptions(readOptionRules(installed), text),
        target: coming === null ? null : compareOptions(readOptionRules(coming), text),
      });
    } catch (error) {
      facts.push({ file, installed: null, target: null, error: toFailureData(error).message });
    }
  }
  const file = opened.unclear?.details?.['path'];
  if (opened.unclear !== null && facts.every((fact) => fact.error === undefined)) {
    facts.push({ file: typeof file === 'string' ? file : opened.home, installed: null, target: null, error: opened.unclear.message });
  }
  return facts;
}

async function runtimeFacts(opened: OpenedInstall): Promise<DriftFacts['runtime']> {
  const spec = opened.descriptor.runtime;
  if (spec === undefined) return null;
  const pinned = opened.slot === null ? null : versionAt(await readTextOrNull(opened.fill(spec.pinned.file)), spec.pinned.pointer);
  const found = await readTextOrNull(join(opened.home, spec.found.file));
  return { pinned, found: found === null ? null : found.trim() };
}

/** The newest backup whose schema the active release knows. */
function backupFor(kit: Kit, opened: OpenedInstall, known: string | null): DriftFacts['newestBackupForRelease'] {
  const fits = kit.registry.backups
    .of(opened.record.name)
    .find(
      (backup) =>
        backup.verdict !== 'bad' &&
        (backup.release === opened.record.release ||
          (backup.schema !== null && known !== null && compareVersions(backup.schema, known) <= 0)),
    );
  return fits === undefined ? null : { id: fits.id, at: fits.at };
}

/** The oldest release that knows a schema version. */
function knowing(releases: readonly Release[], version: string | null): string | null {
  if (version === null) return null;
  const able = releases.filter((release) => release.schema !== null && compareVersions(release.schema, version) >= 0);
  return able.at(-1)?.version ?? null;
}
