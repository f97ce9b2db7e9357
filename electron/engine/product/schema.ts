/**
 * The descriptor: everything that Moult knows of a product, as data.
 * This is the one definition; the published JSON Schema, the types and the error messages are derived from it.
 * A descriptor names files and commands; it is never executed beyond the commands it names.
 *
 * Text in braces is filled in when it is used: {home} {home-parent} {home-hash} {slot} {release} {port} {path} {node} {npm} {resources}
 * {sample} {user-home}, {item:ID}, the place of an item, and {program:NAME}, a program of the active release.
 */
import { z } from 'zod';
import {
  assetName,
  dottedKey,
  duration,
  gitHubRepository,
  homePath,
  httpUrl,
  identifier,
  jsonPointer,
  npmPackage,
  ownedGlob,
  ownedPath,
  probeUrl,
  programFile,
  programFolder,
  programName,
  readPlace,
  regularExpression,
  semverRange,
  shippedPath,
  sqlIdentifier,
  sqlName,
  template,
  text,
  variableName,
  variablePattern,
  workingFolder,
} from './fields.ts';

export { seconds } from './fields.ts';

const command = z.array(template()).min(1).max(200).describe('A program and its arguments, no shell');

const fateOnUpgrade = z.enum(['preserve', 'replace', 'migrate', 'refresh', 'keep']);
const fateOnRemoval = z.enum(['keep', 'remove']);

/** Where an item is. Another kind of place is one more row here and one in `install/items.ts`. */
export const placeSchema = z.union(
  [
    z.strictObject({ path: ownedPath }).describe('A file or folder'),
    z.strictObject({ glob: ownedGlob }).describe('All files and folders that match, with * ? {a,b} and **'),
    z
      .strictObject({
        setting: z.strictObject({ config: identifier, key: dottedKey }),
        default: ownedPath.optional(),
        otherwise: z
          .array(readPlace)
          .min(1)
          .max(10)
          .optional()
          .describe('Places outside the home folder where it is when the option is not set: the first that exists, else the first'),
      })
      .describe('A file or folder whose path is the value of a config option; relative ones are inside the home folder'),
    z
      .strictObject({ keys: z.strictObject({ config: identifier, keys: z.array(dottedKey).min(1).max(50) }) })
      .describe('Options inside a config file, such as a login or a signing secret'),
    z.strictObject({ slot: ownedPath.or(z.literal('.')) }).describe('A part of the unpacked release; "." is all of it'),
  ],
  { error: 'exactly one of path, glob, setting (with default), keys, slot' },
);

export const itemSchema = z.strictObject({
  id: identifier,
  title: text,
  what: text.describe('What it is for, in one sentence'),
  note: text.optional().describe('What a person should know about it'),
  at: z
    .array(placeSchema)
    .min(1)
    .max(20)
    .describe('Candidate places: the first that exists wins; if none does, the first is where it would be'),
  fate: z.strictObject({ upgrade: fateOnUpgrade, uninstall: fateOnRemoval, purge: fateOnRemoval }),
  backup: z.boolean().default(true).describe('Whether backups hold it'),
  secret: z.boolean().default(false).describe('Its content must never be shown'),
  mayLeaveHome: z.boolean().default(false).describe('A setting may place it outside the home folder'),
  required: z.boolean().default(false).describe('Its absence is a finding'),
  exclude: z.array(ownedGlob).max(50).default([]).describe('Globs below it that are rebuilt by the product and not backed up'),
});

export const configSchema = z.strictObject({
  id: identifier,
  path: ownedPath,
  format: z.enum(['yaml', 'json', 'env', 'ini', 'text']),
  options: z
    .strictObject({
      file: shippedPath.describe('The JSON Schema of the options, shipped in each release: {slot}/config.schema.json'),
    })
    .optional(),
});

export const datastoreSchema = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('sqlite'), item: identifier }).describe('A SQLite database file'),
  z.strictObject({ driver: z.literal('files'), item: identifier }).describe('Plain files'),
  z
    .strictObject({
      driver: z.literal('postgres'),
      item: identifier,
      binaries: z
        .array(programFolder)
        .min(1)
        .max(10)
        .describe("Folders with PostgreSQL's programs; the first whose postgres is of the data folder's major version is used"),
      database: sqlIdentifier.describe('The database of the product'),
      role: sqlIdentifier.default('postgres').describe('The role that Moult connects as: a superuser of the cluster'),
      socket: template().optional().describe('The folder of its socket where it says none itself: {item:datastore}'),
      port: z.number().int().min(1).max(65535).default(5432),
      run: z.enum(['product', 'moult']).default('product').describe('Who starts and stops its server'),
    })
    .describe('A data folder of PostgreSQL that belongs to this install alone'),
]);

/** How the newest migration of a release is learned where no folder of files tells; the first that answers is believed. */
const knownMigration = z.union(
  [
    z.strictObject({ file: shippedPath, pointer: jsonPointer }).describe('A value in a JSON file of the release'),
    z
      .strictObject({ binary: programFile, pattern: regularExpression(1) })
      .describe('Names of migrations inside a program of the release; the highest of the first group counts'),
    z
      .strictObject({ releases: z.record(semverRange, z.string().regex(/^[\w.-]{1,200}$/, 'a version of the schema')) })
      .describe('A table: which releases (a semver range) know which version'),
  ],
  { error: 'exactly one of file (with pointer), binary (with pattern), releases' },
);

export const ledgerSchema = z.discriminatedUnion('driver', [
  z
    .strictObject({
      driver: z.literal('plain-table'),
      datastore: identifier,
      table: sqlName,
      columns: z.strictObject({
        version: sqlName,
        name: sqlName.optional(),
        checksum: sqlName.optional(),
        appliedAt: sqlName.optional(),
        dirty: sqlName.optional(),
      }),
      migrations: z
        .strictObject({
          folder: shippedPath.describe('{slot}/migrations'),
          pattern: regularExpression(1).describe('A regular expression with a group for the version and one for the name'),
          checksum: z.literal('sha256').optional().describe('How the ledger fingerprints a migration file'),
        })
        .optional(),
    })
    .describe('A table with a row for each applied migration'),
  z
    .strictObject({
      driver: z.literal('pragma'),
      datastore: identifier,
      known: z.strictObject({ file: shippedPath, pointer: jsonPointer }).optional(),
    })
    .describe('PRAGMA user_version of a SQLite database'),
  z
    .strictObject({
      driver: z.literal('golang-migrate'),
      datastore: identifier,
      table: sqlName.default('schema_migrations'),
      migrations: z
        .strictObject({
          folder: shippedPath,
          pattern: regularExpression(1).default(String.raw`^(\d+)_(.*)\.up\.(?:sql|json)$`),
        })
        .optional(),
      known: z.array(knownMigration).max(10).default([]),
    })
    .describe('A table of one row, version and dirty, that golang-migrate keeps'),
  z
    .strictObject({
      driver: z.literal('prisma'),
      datastore: identifier,
      table: sqlName.default('_prisma_migrations'),
      migrations: z.strictObject({ folder: shippedPath.describe('{slot}/prisma/migrations') }).optional(),
      known: z.array(knownMigration).max(10).default([]),
    })
    .describe('The table of Prisma Migrate: names, SHA-256 of each migration.sql, failed and rolled back ones'),
  z
    .strictObject({
      driver: z.literal('knex'),
      datastore: identifier,
      table: sqlName.default('knex_migrations'),
      lock: sqlName.default('knex_migrations_lock'),
      migrations: z
        .strictObject({
          folder: shippedPath,
          pattern: regularExpression(1).default(String.raw`^(.+)\.(?:js|cjs|mjs|ts|cts|mts|sql)$`),
        })
        .optional(),
      known: z.array(knownMigration).max(10).default([]),
    })
    .describe('The tables of Knex: names without checksums, and a lock'),
]);

const channel = z.strictObject({
  tag: z.string().min(1).max(100).optional().describe('A dist-tag of the feed'),
  range: semverRange.optional().describe('A semver range'),
  prerelease: z.boolean().default(false).describe('Whether pre-releases are offered'),
  note: text.optional(),
});

const feed = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('folder'), path: readPlace }).describe('A folder with releases.json and tarballs'),
  z.strictObject({ driver: z.literal('npm'), package: npmPackage, registry: httpUrl.optional() }).describe('A package of an npm registry'),
  z
    .strictObject({
      driver: z.literal('github'),
      repositories: z
        .array(gitHubRepository)
        .min(1)
        .max(5)
        .describe('The first that answers counts: a project that was renamed is known by its names, the newest first'),
      assets: z
        .array(assetName)
        .min(1)
        .max(10)
        .describe('The archive of a release, the first that it has: {version} {tag} {os} {arch} are filled in'),
      checksums: assetName.default('checksums.txt').describe('The asset with a line "<sha256>  <file>" for each archive'),
      tagPrefix: z.string().max(50).default('v').describe('What stands before the version in a tag'),
      api: httpUrl.default('https://api.github.com').describe('The address of the REST API'),
    })
    .describe('The releases of a repository on GitHub'),
]);

const programsSchema = z
  .strictObject({
    files: z
      .array(
        z.strictObject({
          name: programName.describe('Its name in the folder of programs, and as {program:NAME}'),
          from: z.array(ownedPath).min(1).max(5).describe('Its name in a release: the first that is there'),
        }),
      )
      .min(1)
      .max(20),
    folders: z
      .array(readPlace)
      .min(1)
      .max(10)
      .describe("Where the product's own installer puts them, in its order; a folder in $NAME counts when the variable is set"),
  })
  .describe('Programs that are put on PATH, in the folder that is in use; every copy is found, and no stale one is left behind');

const payload = z.discriminatedUnion('driver', [
  z
    .strictObject({ driver: z.literal('archive'), strip: z.number().int().min(0).max(5).default(0) })
    .describe('A tarball, unpacked into a slot'),
  z.strictObject({ driver: z.literal('npm'), package: npmPackage }).describe('An npm package, installed into a slot'),
  z
    .strictObject({
      driver: z.literal('files'),
      strip: z.number().int().min(0).max(5).default(0),
      copies: z
        .array(z.strictObject({ from: ownedPath, to: ownedPath }))
        .default([])
        .describe('What is copied out of the slot into the home folder when the slot becomes active'),
      programs: programsSchema.optional(),
    })
    .refine((payload) => payload.copies.length > 0 || payload.programs !== undefined, 'needs copies or programs')
    .describe('A tarball, unpacked into a slot, with files copied into place'),
]);

const service = z.discriminatedUnion('driver', [
  z
    .strictObject({
      driver: z.literal('process'),
      command,
      folder: workingFolder.default('{home}'),
      env: z.record(variableName, template().or(z.literal(''))).default({}),
      strip: z.array(variablePattern).default([]).describe('Environment variables that are never passed on; * matches any text'),
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
  pointer: jsonPointer,
  equals: z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' }).optional(),
  matches: regularExpression().optional().describe('A regular expression'),
});

const probe = z.strictObject({
  url: probeUrl,
  status: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
  expect: z.array(predicate).default([]),
});

const health = z.strictObject({
  ready: z.array(probe).min(1).describe('All of these must answer as told'),
  build: z
    .union([
      z.strictObject({ url: probeUrl, pointer: jsonPointer, header: z.string().optional() }),
      z.strictObject({ command, pointer: jsonPointer }).describe('A command of the release that prints JSON, where no address tells it'),
    ])
    .describe('Where the running product tells its own release'),
  within: duration.default('60s'),
  settle: duration.default('4s').describe('How long it must stay healthy before it is believed'),
  every: duration.default('250ms'),
  progress: z
    .strictObject({ url: probeUrl, pointer: jsonPointer })
    .optional()
    .describe('A value that changes while the product works on its start (a migration); the time limit starts again with each change'),
  atMost: duration.default('30m').describe('The limit that no progress extends'),
});

export const descriptorSchema = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal(1),
  product: identifier,
  title: text,
  summary: text,
  links: z.record(identifier, httpUrl).default({}),
  home: z.strictObject({
    linux: homePath,
    macos: homePath,
    windows: homePath,
    also: z.array(homePath).max(5).default([]).describe('Further homes in which an install may be found; the first of them goes before the home above'),
    names: z
      .array(programName)
      .max(5)
      .default([])
      .describe('Names that a home folder must have, of a product that finds it below $HOME by its name: {home-parent} is its $HOME'),
  }),
  port: z
    .strictObject({
      default: z.number().int().min(1).max(65535),
      setting: z.strictObject({ config: identifier, key: dottedKey }).optional(),
    })
    .optional(),
  recognize: z.strictObject({ all: z.array(ownedPath).min(1) }).describe('Files by which an existing home folder is recognized'),
  config: z.array(configSchema).max(50).default([]),
  items: z.array(itemSchema).min(1).max(200),
  datastores: z.array(datastoreSchema).default([]),
  ledger: ledgerSchema.optional(),
  feed,
  channels: z.record(identifier, channel),
  defaultChannel: identifier,
  payload,
  code: z
    .strictObject({
      candidates: z.array(readPlace).default([]).describe('Where the code of an install that Moult did not set up may be'),
      version: z
        .union([z.strictObject({ file: shippedPath, pointer: jsonPointer }), z.strictObject({ command, pointer: jsonPointer })])
        .describe('Where a release tells its version: a file, or a command of its own that prints JSON'),
    })
    .describe('How a release on disk is recognized'),
  setup: z
    .strictObject({
      command,
      env: z.record(variableName, template().or(z.literal(''))).default({}),
      limit: duration.default('2m'),
      firstLogin: ownedPath.optional(),
      onUpgrade: z.boolean().default(false).describe('It is run again after each switch to another release, as the installer of the product does'),
    })
    .optional()
    .describe('A command of the product that creates its first configuration'),
  runtime: z
    .strictObject({
      item: identifier,
      pinned: z.strictObject({ file: shippedPath, pointer: jsonPointer }),
      found: z.strictObject({ file: ownedPath }),
    })
    .optional()
    .describe('The managed runtime: the version a release pins and the file that tells which one is there'),
  service,
  health,
  requirements: z.strictObject({ node: semverRange.optional(), feedEngines: z.boolean().default(false) }).prefault({}),
  rules: z
    .array(z.strictObject({ to: semverRange, needs: semverRange, because: text }))
    .default([])
    .describe('Required stops: releases in `to` can only be reached from releases in `needs` (both semver ranges)'),
  prunes: z
    .array(z.strictObject({ path: ownedPath, note: text }))
    .default([])
    .describe('Data that the product deletes by itself'),
  ownBackup: z
    .strictObject({
      driver: z.literal('tarball'),
      manifest: z.strictObject({
        member: ownedPath,
        format: jsonPointer,
        known: z.number().int().min(1).describe('The newest format that this descriptor describes'),
        release: jsonPointer.optional(),
        created: jsonPointer.optional(),
      }),
      parts: z.array(z.strictObject({ member: ownedPath, item: identifier, as: ownedPath.optional() })).max(50),
      dump: z
        .strictObject({ member: ownedPath, datastore: identifier })
        .optional()
        .describe('A plain SQL dump of the datastore, which is played into a new one beside the live one'),
    })
    .optional()
    .describe('A backup that the product makes by itself, and that Moult can restore'),
  elsewhere: z
    .array(
      z.union([
        z.strictObject({ path: ownedPath }).describe('A folder in the home'),
        z.strictObject({ dockerVolume: template() }).describe('A volume of Docker; {home-hash} is the SHA-256 of the home path, its first 12 digits'),
      ]),
    )
    .max(20)
    .default([])
    .describe('Further places where this product may keep a datastore: with more than one, nobody can tell which is the live one'),
  keepReleases: z.number().int().min(1).max(20).default(2).describe('How many old releases stay on disk'),
});

export type Descriptor = z.output<typeof descriptorSchema>;
export type Item = Descriptor['items'][number];
export type Place = Item['at'][number];
export type ConfigFile = Descriptor['config'][number];
export type DatastoreSpec = Descriptor['datastores'][number];
export type LedgerSpec = NonNullable<Descriptor['ledger']>;
export type KnownMigrationSpec = z.output<typeof knownMigration>;
export type FeedSpec = Descriptor['feed'];
export type ChannelSpec = Descriptor['channels'][string];
export type PayloadSpec = Descriptor['payload'];
export type ServiceSpec = Descriptor['service'];
export type ProgramsSpec = z.output<typeof programsSchema>;
export type OwnBackupSpec = NonNullable<Descriptor['ownBackup']>;
export type HealthSpec = Descriptor['health'];
