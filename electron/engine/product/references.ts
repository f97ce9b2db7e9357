/**
 * What a descriptor says in one place has to fit what it says in another: names that exist, files that belong to an item, fates that do
 * not contradict each other. Looks at all parts that are well-formed by themselves, so that one mistake does not hide the next.
 */
import type { z } from 'zod';
import type { Complaint } from './explain.ts';
import { placeholdersIn } from './fill.ts';
import { compileGlob, matchesGlobOrAbove } from './glob.ts';
import { datastoreSchema, ledgerSchema } from './data-schema.ts';
import { nearest } from './nearest.ts';
import { configSchema, itemSchema, type ConfigFile, type DatastoreSpec, type Item, type LedgerSpec, type Place } from './schema.ts';

interface Placed<T> {
  path: PropertyKey[];
  value: T;
}

interface Parts {
  raw: Record<string, unknown>;
  items: Placed<Item>[];
  configs: Placed<ConfigFile>[];
  datastores: Placed<DatastoreSpec>[];
  ledger: LedgerSpec | null;
  /** Also of parts that are not well-formed, so that a mistake inside an item does not make its name unknown. */
  itemIds: Set<string>;
  configIds: Set<string>;
}

export function checkReferences(value: unknown): Complaint[] {
  if (!isRecord(value)) return [];
  const ledger = ledgerSchema.safeParse(value['ledger']);
  const parts: Parts = {
    raw: value,
    items: wellFormed(itemSchema, value, 'items'),
    configs: wellFormed(configSchema, value, 'config'),
    datastores: wellFormed(datastoreSchema, value, 'datastores'),
    ledger: ledger.success ? ledger.data : null,
    itemIds: idsOf(value['items']),
    configIds: idsOf(value['config']),
  };
  return [
    ...duplicates(value['items'], 'items', 'item'),
    ...duplicates(value['config'], 'config', 'config file'),
    ...duplicates(value['actions'], 'actions', 'action'),
    ...parts.items.flatMap((item) => checkItem(item, parts)),
    ...checkFates(parts),
    ...checkNesting(parts),
    ...checkData(parts),
    ...checkRest(parts),
    ...checkPlaceholders(value, [], parts),
  ];
}

/** Whether a place that is known from the text alone holds the path, itself or below it. */
export function placeHolds(place: Place, path: string): boolean {
  if ('path' in place) return path === place.path || path.startsWith(`${place.path}/`);
  return 'glob' in place && matchesGlobOrAbove(compileGlob(place.glob), path);
}

function checkItem({ path, value: item }: Placed<Item>, parts: Parts): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (below: PropertyKey[], what: string) => complaints.push({ path: [...path, ...below], what });
  const kinds = new Set(item.at.map(kindOf));
  if (kinds.size > 1) complain(['at'], 'mixes files, keys and parts of a release; all candidate places of one item are of one kind');
  item.at.forEach((place, index) => {
    const named = 'setting' in place ? place.setting.config : 'keys' in place ? place.keys.config : null;
    if (named === null) return;
    const where = ['at', index, 'setting' in place ? 'setting' : 'keys', 'config'];
    if (!parts.configIds.has(named)) complain(where, unknownName('config file', named, parts.configIds));
    const file = parts.configs.find((config) => config.value.id === named)?.value;
    if (file?.format === 'text')
      complain(where, `names the config file "${named}", whose format text has no options; allowed: yaml, json, env, ini`);
    if (file && 'keys' in place && !isOwned(file.path, parts))
      complain(where, `names the file ${file.path}, which belongs to no item; add one that owns it`);
  });
  if (item.mayLeaveHome && !item.at.some((place) => 'setting' in place)) {
    complain(['mayLeaveHome'], 'is true, but only a place that a setting names can be outside the home folder');
  }
  const { upgrade, uninstall, purge } = item.fate;
  if (kinds.has('slot') && upgrade !== 'replace')
    complain(['fate', 'upgrade'], `"${upgrade}" is not allowed for a part of a release; allowed: replace`);
  if (uninstall === 'remove' && purge === 'keep')
    complain(['fate', 'purge'], '"keep" contradicts uninstall: remove; what an uninstall removes, a purge removes too');
  if (upgrade === 'migrate' && !item.backup)
    complain(['backup'], 'is false, but what an upgrade migrates must be in backups, or there is no way back');
  return complaints;
}

/** Options live in a file of another item: what that item's fate does to the file must not contradict the options' own fate. */
function checkFates(parts: Parts): Complaint[] {
  return parts.items.flatMap(({ path, value: item }) =>
    item.at.flatMap((place) => {
      const config = 'keys' in place ? parts.configs.find((one) => one.value.id === place.keys.config)?.value : undefined;
      const owner =
        config &&
        parts.items.find((one) => one.value.id !== item.id && one.value.at.some((other) => placeHolds(other, config.path)))?.value;
      return owner ? contradictions(path, item, owner, `is in a file of the item "${owner.id}"`) : [];
    }),
  );
}

/** A place inside the folder of another item goes where that folder goes. */
function checkNesting(parts: Parts): Complaint[] {
  const literal = parts.items.flatMap((item) => item.value.at.flatMap((place) => ('path' in place ? [{ item, place: place.path }] : [])));
  return literal.flatMap((inner) =>
    literal
      .filter((outer) => outer.item !== inner.item && inner.place.startsWith(`${outer.place}/`))
      .flatMap((outer) =>
        contradictions(inner.item.path, inner.item.value, outer.item.value, `is inside the item "${outer.item.value.id}"`),
      ),
  );
}

function contradictions(path: PropertyKey[], inner: Item, outer: Item, how: string): Complaint[] {
  const complaints: Complaint[] = [];
  const stays = (fate: string) => fate === 'preserve' || fate === 'keep' || fate === 'migrate';
  for (const action of ['upgrade', 'uninstall', 'purge'] as const) {
    if (!stays(inner.fate[action]) || stays(outer.fate[action])) continue;
    complaints.push({
      path: [...path, 'fate', action],
      what: `"${inner.fate[action]}" cannot be kept: "${inner.id}" ${how}, whose fate is ${outer.fate[action]}`,
    });
  }
  return complaints;
}

function checkData(parts: Parts): Complaint[] {
  const complaints: Complaint[] = [];
  for (const { path, value } of parts.datastores) {
    const item = parts.items.find((one) => one.value.id === value.item)?.value;
    if (!parts.itemIds.has(value.item)) complaints.push({ path: [...path, 'item'], what: unknownName('item', value.item, parts.itemIds) });
    else if (item?.at.some((place) => kindOf(place) !== 'files'))
      complaints.push({ path: [...path, 'item'], what: `names the item "${item.id}", which is not made of files` });
    else if (value.driver === 'docker-postgres' && item?.at.some((place) => 'dockerVolume' in place) === false)
      complaints.push({ path: [...path, 'item'], what: `names the item "${item.id}", which is in no Docker volume` });
  }
  for (const { path, value } of parts.items) {
    const isKept = parts.datastores.some((store) => store.value.item === value.id && store.value.driver === 'docker-postgres');
    const index = value.at.findIndex((place) => 'dockerVolume' in place);
    if (index >= 0 && !isKept)
      complaints.push({
        path: [...path, 'at', index],
        what: 'is a Docker volume, but no datastore with the driver docker-postgres names this item',
      });
  }
  const kept = new Set(parts.datastores.map((one) => one.value.item));
  if (parts.ledger && !kept.has(parts.ledger.datastore))
    complaints.push({ path: ['ledger', 'datastore'], what: unknownName('datastore', parts.ledger.datastore, kept) });
  const driver = parts.datastores.find((one) => one.value.item === parts.ledger?.datastore)?.value.driver;
  const able = parts.ledger?.driver === 'pragma' ? ['sqlite'] : ['sqlite', 'postgres', 'docker-postgres'];
  if (parts.ledger && driver !== undefined && !able.includes(driver))
    complaints.push({
      path: ['ledger', 'datastore'],
      what: `names a datastore ${driver === 'files' ? 'of plain files' : `with the driver ${driver}`}; this ledger needs one with the driver ${able.join(' or ')}`,
    });
  return complaints;
}

function checkRest({ raw, configIds, itemIds, configs }: Parts): Complaint[] {
  const complaints: Complaint[] = [];
  const channels = isRecord(raw['channels']) ? Object.keys(raw['channels']) : null;
  const wanted = raw['defaultChannel'];
  if (channels && typeof wanted === 'string' && !channels.includes(wanted))
    complaints.push({ path: ['defaultChannel'], what: unknownName('channel', wanted, channels) });
  const setting = textAt(raw, ['port', 'setting', 'config']);
  if (setting !== null && !configIds.has(setting))
    complaints.push({ path: ['port', 'setting', 'config'], what: unknownName('config file', setting, configIds) });
  if (setting !== null && configs.some((one) => one.value.id === setting && one.value.format === 'text')) {
    complaints.push({ path: ['port', 'setting', 'config'], what: `names the config file "${setting}", whose format text has no options` });
  }
  for (const [index, part] of entriesOf(partsAt(raw)).entries()) {
    const named = textAt(part, ['item']);
    if (named !== null && !itemIds.has(named))
      complaints.push({ path: ['ownBackup', 'parts', index, 'item'], what: unknownName('item', named, itemIds) });
  }
  const dumped = textAt(raw, ['ownBackup', 'dump', 'datastore']);
  if (dumped !== null && !itemIds.has(dumped))
    complaints.push({ path: ['ownBackup', 'dump', 'datastore'], what: unknownName('datastore', dumped, itemIds) });
  for (const [index, action] of entriesOf(raw['actions']).entries()) {
    const named = textAt(action, ['config']);
    if (named === null) continue;
    if (!configIds.has(named)) complaints.push({ path: ['actions', index, 'config'], what: unknownName('config file', named, configIds) });
    else if (configs.some((one) => one.value.id === named && one.value.format !== 'yaml'))
      complaints.push({ path: ['actions', index, 'config'], what: `names the config file "${named}", which is not YAML` });
  }
  const runtime = textAt(raw, ['runtime', 'item']);
  if (runtime !== null && !itemIds.has(runtime))
    complaints.push({ path: ['runtime', 'item'], what: unknownName('item', runtime, itemIds) });
  const [feed, payload] = [textAt(raw, ['feed', 'driver']), textAt(raw, ['payload', 'driver'])];
  if (feed !== null && payload !== null && (feed === 'npm') !== (payload === 'npm')) {
    complaints.push({
      path: ['payload', 'driver'],
      what: `"${payload}" does not go with a feed of the driver ${feed}; an npm payload needs an npm feed, and the other way round`,
    });
  }
  return complaints;
}

/** Placeholders whose value this descriptor cannot give. That they are known at all is checked field by field. */
function checkPlaceholders(value: unknown, path: PropertyKey[], parts: Parts): Complaint[] {
  if (isRecord(value)) return Object.entries(value).flatMap(([key, below]) => checkPlaceholders(below, [...path, key], parts));
  if (Array.isArray(value)) return value.flatMap((below: unknown, index) => checkPlaceholders(below, [...path, index], parts));
  if (typeof value !== 'string') return [];
  return placeholdersIn(value).flatMap((name) => {
    if (name === 'port' && parts.raw['port'] === undefined)
      return [{ path, what: 'has the placeholder {port}, but the descriptor has no port' }];
    const program = /^program:(.*)$/.exec(name)?.[1];
    if (program !== undefined && !programNames(parts.raw).has(program))
      return [{ path, what: `has the placeholder {${name}}: ${unknownName('program', program, programNames(parts.raw))}` }];
    const item = /^item:(.*)$/.exec(name)?.[1];
    return item === undefined || parts.itemIds.has(item)
      ? []
      : [{ path, what: `has the placeholder {${name}}: ${unknownName('item', item, parts.itemIds)}` }];
  });
}

function kindOf(place: Place): 'files' | 'keys' | 'slot' {
  return 'keys' in place ? 'keys' : 'slot' in place ? 'slot' : 'files';
}

function isOwned(path: string, parts: Parts): boolean {
  return parts.items.some((item) => item.value.at.some((place) => placeHolds(place, path)));
}

function unknownName(kind: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const meant = nearest(name, names);
  const list = names.length === 0 ? 'none is defined' : `allowed: ${names.join(', ')}`;
  return `no ${kind} is called "${name}"${meant === null ? '' : `; did you mean "${meant}"?`}; ${list}`;
}

function duplicates(list: unknown, key: string, kind: string): Complaint[] {
  const seen = new Set<string>();
  return entriesOf(list).flatMap((entry, index) => {
    const id = isRecord(entry) && typeof entry['id'] === 'string' ? entry['id'] : null;
    const again = id !== null && seen.has(id);
    if (id !== null) seen.add(id);
    return again ? [{ path: [key, index, 'id'], what: `is the second ${kind} with the id "${id}"` }] : [];
  });
}

function wellFormed<S extends z.ZodType>(schema: S, raw: Record<string, unknown>, key: string): Placed<z.output<S>>[] {
  return entriesOf(raw[key]).flatMap((entry, index) => {
    const result = schema.safeParse(entry);
    return result.success ? [{ path: [key, index], value: result.data }] : [];
  });
}

function idsOf(list: unknown): Set<string> {
  return new Set(entriesOf(list).flatMap((entry) => (isRecord(entry) && typeof entry['id'] === 'string' ? [entry['id']] : [])));
}

function entriesOf(list: unknown): unknown[] {
  return Array.isArray(list) ? (list as unknown[]) : [];
}

function partsAt(raw: Record<string, unknown>): unknown {
  const own = raw['ownBackup'];
  return isRecord(own) ? own['parts'] : undefined;
}

/** Names of the programs on PATH, for `{program:NAME}`. */
function programNames(raw: Record<string, unknown>): Set<string> {
  const payload = isRecord(raw['payload']) ? raw['payload'] : {};
  const files = isRecord(payload['programs']) ? entriesOf(payload['programs']['files']) : [];
  return new Set(files.flatMap((file) => (isRecord(file) && typeof file['name'] === 'string' ? [file['name']] : [])));
}

function textAt(root: unknown, path: readonly string[]): string | null {
  let value = root;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
