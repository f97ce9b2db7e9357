/**
 * The descriptor: everything that Moult knows of a product, as data.
 * This is the one definition; the published JSON Schema, the types and the error messages are derived from it.
 * A descriptor names files and commands; it is never executed beyond the commands it names.
 *
 * Text in braces is filled in when it is used: {home} {slot} {release} {port} {node} {npm} {resources} {sample} {user-home} and
 * {item:ID}, the place of an item.
 */
import { z } from 'zod';

/** A duration such as `500ms`, `10s`, `5m` or `2h`. */
const duration = z
  .string()
  .regex(/^\d+(?:\.\d+)?(?:ms|s|m|h)$/, 'a duration such as 500ms, 10s, 5m or 2h')
  .describe('A duration: 500ms, 10s, 5m, 2h');

/** A path inside the home folder: relative, with forward slashes, never climbing out. */
const ownedPath = z
  .string()
  .min(1)
  .max(1024)
  .refine(isInside, 'a path inside the home folder: relative, with forward slashes and without ".."')
  .describe('A path inside the home folder, relative, with forward slashes');

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, beginning with a letter')
  .describe('Lower-case letters, digits and hyphens');

/** A dotted path to a value inside a config file: `admin.password_hash`. */
const dottedKey = z.string().min(1).max(256).regex(/^[^.\s]+(?:\.[^.\s]+)*$/, 'a dotted key such as admin.password_hash');
const httpsUrl = z.url({ protocol: /^https?$/ });
const text = z.string().min(1).max(2000);

const fateOnUpgrade = z.enum(['preserve', 'replace', 'migrate', 'refresh', 'keep']);
const fateOnRemoval = z.enum(['keep', 'remove']);

const place = z.union([
  z.strictObject({ path: ownedPath }).describe('A file or folder'),
  z.strictObject({ glob: ownedPath }).describe('All files that match, with * ** and ?'),
  z
    .strictObject({ setting: z.strictObject({ config: identifier, key: dottedKey }), default: ownedPath.optional() })
    .describe('A file or folder whose path is the value of a config option; relative ones are inside the home folder'),
  z
    .strictObject({ keys: z.strictObject({ config: identifier, keys: z.array(dottedKey).min(1) }) })
    .describe('Options inside a config file, such as a login or a signing secret'),
  z.strictObject({ slot: ownedPath.or(z.literal('.')) }).describe('A part of the unpacked release'),
]);

const item = z.strictObject({
  id: identifier,
  title: text,
  what: text.describe('What it is for, in one sentence'),
  note: text.optional().describe('What a person should know about it'),
  at: z.array(place).min(1).describe('Candidate places: the first that exists wins; if none does, the first is where it would be'),
  fate: z.strictObject({ upgrade: fateOnUpgrade, uninstall: fateOnRemoval, purge: fateOnRemoval }),
  backup: z.boolean().default(true).describe('Whether backups hold it'),
  secret: z.boolean().default(false).describe('Its content must never be shown'),
  mayLeaveHome: z.boolean().default(false).describe('A setting may place it outside the home folder'),
  required: z.boolean().default(false).describe('Its absence is a finding'),
  exclude: z.array(ownedPath).default([]).describe('Globs below it that are rebuilt by the product and not backed up'),
});

const config = z.strictObject({
  id: identifier,
  path: ownedPath,
  format: z.enum(['yaml', 'json', 'env', 'ini', 'text']),
  options: z
    .strictObject({
      file: z.string().min(1).describe('The JSON Schema of the options, shipped in each release: {slot}/config.schema.json'),
    })
    .optional(),
});

const datastore = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('sqlite'), item: identifier }).describe('A SQLite database file'),
  z.strictObject({ driver: z.literal('files'), item: identifier }).describe('Plain files'),
]);

const ledger = z.discriminatedUnion('driver', [
  z
    .strictObject({
      driver: z.literal('plain-table'),
      datastore: identifier,
      table: z.string().regex(/^[A-Za-z_]\w*$/),
      columns: z.strictObject({
        version: z.string().regex(/^[A-Za-z_]\w*$/),
        name: z.string().regex(/^[A-Za-z_]\w*$/).optional(),
        checksum: z.string().regex(/^[A-Za-z_]\w*$/).optional(),
        appliedAt: z.string().regex(/^[A-Za-z_]\w*$/).optional(),
        dirty: z.string().regex(/^[A-Za-z_]\w*$/).optional(),
      }),
      migrations: z
        .strictObject({
          folder: z.string().min(1).describe('{slot}/migrations'),
          pattern: z.string().min(1).describe('A regular expression with a group for the version and one for the name'),
          checksum: z.literal('sha256').optional().describe('How the ledger fingerprints a migration file'),
        })
        .optional(),
    })
    .describe('A table with a row for each applied migration'),
  z
    .strictObject({
      driver: z.literal('pragma'),
      datastore: identifier,
      known: z.strictObject({ file: z.string().min(1), pointer: z.string().min(1) }).optional(),
    })
    .describe('PRAGMA user_version of a SQLite database'),
]);

const channel = z.strictObject({
  tag: z.string().min(1).optional().describe('A dist-tag of the feed'),
  range: z.string().min(1).optional().describe('A semver range'),
  prerelease: z.boolean().default(false).describe('Whether pre-releases are offered'),
  note: text.optional(),
});

const feed = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('folder'), path: z.string().min(1) }).describe('A folder with releases.json and tarballs'),
  z
    .strictObject({ driver: z.literal('npm'), package: z.string().min(1), registry: httpsUrl.optional() })
    .describe('A package of an npm registry'),
]);

const payload = z.discriminatedUnion('driver', [
  z
    .strictObject({ driver: z.literal('archive'), strip: z.number().int().min(0).max(5).default(0) })
    .describe('A tarball, unpacked into a slot'),
  z.strictObject({ driver: z.literal('npm'), package: z.string().min(1) }).describe('An npm package, installed into a slot'),
  z
    .strictObject({
      driver: z.literal('files'),
      strip: z.number().int().min(0).max(5).default(0),
      copies: z
        .array(z.strictObject({ from: ownedPath, to: ownedPath }))
        .min(1)
        .describe('What is copied out of the slot into the home folder when the slot becomes active'),
    })
    .describe('A tarball, unpacked into a slot, with files copied into place'),
]);

const service = z.discriminatedUnion('driver', [
  z
    .strictObject({
      driver: z.literal('process'),
      command: z.array(z.string().min(1)).min(1),
      folder: z.string().min(1).default('{home}'),
      env: z.record(z.string(), z.string()).default({}),
      strip: z.array(z.string().min(1)).default([]).describe('Environment variables that are never passed on; * matches any text'),
      stop: z
        .strictObject({
          signal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']).default('SIGTERM'),
          grace: duration.default('15s').describe('After this long the process is killed'),
        })
        .prefault({}),
      log: ownedPath.describe('The file that takes what it prints'),
    })
    .describe('A foreground process that Moult supervises'),
]);

const predicate = z.strictObject({
  pointer: z.string().startsWith('/').describe('A JSON Pointer (RFC 6901) into the answer'),
  equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
  matches: z.string().optional().describe('A regular expression'),
});

const probe = z.strictObject({
  url: z.string().min(1),
  status: z.array(z.number().int()).default([200]),
  expect: z.array(predicate).default([]),
});

const health = z.strictObject({
  ready: z.array(probe).min(1).describe('All of these must answer as told'),
  build: z
    .strictObject({ url: z.string().min(1), pointer: z.string().startsWith('/'), header: z.string().optional() })
    .describe('Where the running product tells its own release'),
  within: duration.default('60s'),
  settle: duration.default('4s').describe('How long it must stay healthy before it is believed'),
  every: duration.default('250ms'),
  progress: z
    .strictObject({ url: z.string().min(1), pointer: z.string().startsWith('/') })
    .optional()
    .describe('A value that changes while the product works on its start (a migration); the time limit starts again with each change'),
  atMost: duration.default('30m').describe('The limit that no progress extends'),
});

export const descriptorSchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal(1),
    product: identifier,
    title: text,
    summary: text,
    links: z.record(identifier, httpsUrl).default({}),
    home: z.strictObject({ linux: z.string().min(1), macos: z.string().min(1), windows: z.string().min(1) }),
    port: z
      .strictObject({ default: z.number().int().min(1).max(65535), setting: z.strictObject({ config: identifier, key: dottedKey }).optional() })
      .optional(),
    recognize: z.strictObject({ all: z.array(ownedPath).min(1) }).describe('Files by which an existing home folder is recognized'),
    config: z.array(config).default([]),
    items: z.array(item).min(1),
    datastores: z.array(datastore).default([]),
    ledger: ledger.optional(),
    feed,
    channels: z.record(identifier, channel),
    defaultChannel: identifier,
    payload,
    code: z
      .strictObject({
        candidates: z.array(z.string().min(1)).default([]).describe('Where the code of an install that Moult did not set up may be'),
        version: z.strictObject({ file: z.string().min(1), pointer: z.string().startsWith('/') }).describe('Where a release tells its version'),
      })
      .describe('How a release on disk is recognized'),
    setup: z
      .strictObject({ command: z.array(z.string().min(1)).min(1), limit: duration.default('2m'), firstLogin: ownedPath.optional() })
      .optional()
      .describe('A command of the product that creates its first configuration'),
    runtime: z
      .strictObject({
        item: identifier,
        pinned: z.strictObject({ file: z.string().min(1), pointer: z.string().startsWith('/') }),
        found: z.strictObject({ file: ownedPath }),
      })
      .optional()
      .describe('The managed runtime: the version a release pins and the file that tells which one is there'),
    service,
    health,
    requirements: z.strictObject({ node: z.string().min(1).optional(), feedEngines: z.boolean().default(false) }).prefault({}),
    rules: z
      .array(z.strictObject({ to: z.string().min(1), needs: z.string().min(1), because: text }))
      .default([])
      .describe('Required stops: releases in `to` can only be reached from releases in `needs` (both semver ranges)'),
    prunes: z.array(z.strictObject({ path: ownedPath, note: text })).default([]).describe('Data that the product deletes by itself'),
    keepReleases: z.number().int().min(1).max(20).default(2).describe('How many old releases stay on disk'),
  })
  .superRefine(checkReferences);

export type Descriptor = z.output<typeof descriptorSchema>;
export type Item = Descriptor['items'][number];
export type Place = Item['at'][number];
export type ConfigFile = Descriptor['config'][number];
export type DatastoreSpec = Descriptor['datastores'][number];
export type LedgerSpec = NonNullable<Descriptor['ledger']>;
export type FeedSpec = Descriptor['feed'];
export type ChannelSpec = Descriptor['channels'][string];
export type PayloadSpec = Descriptor['payload'];
export type ServiceSpec = Descriptor['service'];
export type HealthSpec = Descriptor['health'];

/** Seconds in a duration of the descriptor. */
export function seconds(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (!match) throw new RangeError(`not a duration: ${value}`);
  const unit = { ms: 0.001, s: 1, m: 60, h: 3600 }[match[2] as 'ms' | 's' | 'm' | 'h'];
  return Number(match[1]) * unit;
}

function isInside(value: string): boolean {
  if (value.includes('\\') || value.includes('\0') || value.startsWith('/') || /^[A-Za-z]:/.test(value) || value.startsWith('~')) return false;
  return value.split('/').every((part) => part !== '..' && part !== '');
}

function checkReferences(descriptor: z.output<z.ZodObject> & Record<string, unknown>, context: z.RefinementCtx): void {
  const known = descriptor as unknown as {
    items: { id: string; at: unknown[] }[];
    config: { id: string }[];
    datastores: { item: string }[];
    ledger?: { datastore: string };
    channels: Record<string, unknown>;
    defaultChannel: string;
    port?: { setting?: { config: string } };
    runtime?: { item: string };
  };
  const items = new Set<string>();
  const configs = new Set(known.config.map((entry) => entry.id));
  const complain = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
  known.items.forEach((entry, index) => {
    if (items.has(entry.id)) complain(['items', index, 'id'], `a second item with the id "${entry.id}"`);
    items.add(entry.id);
    entry.at.forEach((candidate, position) => {
      const where = candidate as { setting?: { config: string }; keys?: { config: string } };
      const named = where.setting?.config ?? where.keys?.config;
      if (named !== undefined && !configs.has(named)) complain(['items', index, 'at', position], `no config file has the id "${named}"`);
    });
  });
  known.datastores.forEach((entry, index) => {
    if (!items.has(entry.item)) complain(['datastores', index, 'item'], `no item has the id "${entry.item}"`);
  });
  if (known.ledger && !known.datastores.some((entry) => entry.item === known.ledger?.datastore)) {
    complain(['ledger', 'datastore'], `no datastore is kept in the item "${known.ledger.datastore}"`);
  }
  if (!(known.defaultChannel in known.channels)) complain(['defaultChannel'], `no channel is called "${known.defaultChannel}"`);
  if (known.port?.setting && !configs.has(known.port.setting.config)) complain(['port', 'setting', 'config'], `no config file has the id "${known.port.setting.config}"`);
  if (known.runtime && !items.has(known.runtime.item)) complain(['runtime', 'item'], `no item has the id "${known.runtime.item}"`);
}
