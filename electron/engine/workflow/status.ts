/** Status: everything a person wants to know of an install at a glance. Only looks. */
import type { Status } from '../../api/models.ts';
import { lockHolder } from '../operation/lock.ts';
import { configProblems } from './config-problems.ts';
import { lookAtDestinations } from './destinations.ts';
import { lookAtService, lookForUpdate, readSchema } from './facts.ts';
import { findInterrupted } from './interrupted.ts';
import { ownBackups, protectionOf } from './schedule-state.ts';
import type { Kit, OpenedInstall } from './kit.ts';

/** The status of an install. `offline` leaves the feed unasked. */
export async function statusOf(kit: Kit, opened: OpenedInstall, offline: boolean): Promise<Status> {
  const { record, descriptor, home } = opened;
  const [service, schema, holder] = [await lookAtService(opened), await readSchema(opened), await lockHolder(opened.folder.root)];
  const update =
    offline || record.state !== 'active'
      ? { latest: null, notes: null, notesAt: null, held: null, quarantined: [], error: null }
      : await lookForUpdate(kit, opened);
  const last = ownBackups(kit, opened)[0];
  const destinations = await lookAtDestinations(kit, record.name);
  return {
    install: record.name,
    product: record.product,
    title: descriptor.title,
    release: record.release,
    channel: record.channel,
    pin: record.pin,
    home,
    schema: { version: schema.version, known: schema.known },
    service: {
      state: service.running !== null ? 'running' : service.foreign ? 'foreign' : 'stopped',
      pid: service.running?.pid ?? null,
      since: service.running?.since ?? null,
      port: opened.port,
    },
    health: service.health.health,
    healthDetail: service.health.detail,
    configProblem: (await configProblems(opened))[0] ?? null,
    update,
    ...(destinations.length > 0 && {
      destinations: destinations.map(({ folder, state, reason, waiting }) => ({ folder, state, reason, waiting })),
    }),
    lastBackup: last === undefined ? null : { id: last.id, at: last.at, verdict: last.verdict },
    protection: await protectionOf(kit, opened),
    interrupted: holder === null ? await findInterrupted(home) : null,
    busy: holder,
  };
}
