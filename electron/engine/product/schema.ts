/**
 * The descriptor: everything that Moult knows of a product, as data.
 * This is the one definition; the published JSON Schema, the types and the error messages are derived from it.
 * A descriptor names files and commands; it is never executed beyond the commands it names.
 *
 * Text in braces is filled in when it is used: {home} {home-parent} {home-hash} {slot} {release} {port} {path} {node} {npm} {resources}
 * {sample} {user-home}, {item:ID}, the place of an item, and {program:NAME}, a program of the active release.
 */
import { z } from 'zod';
import { datastoreSchema, type knownMigration, ledgerSchema } from './data-schema.ts';
import {
  dottedKey,
  duration,
  homePath,
  httpUrl,
  identifier,
  jsonPointer,
  ownedGlob,
  ownedPath,
  probeUrl,
  programName,
  readPlace,
  regularExpression,
  semverRange,
  shippedPath,
  template,
  text,
  variableName,
  variablePattern,
  volumeName,
  workingFolder,
} from './fields.ts';
import { channelSchema, feedSchema, ownBackupSchema, payloadSchema, type programsSchema } from './release-schema.ts';

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
    z
      .strictObject({ dockerVolume: volumeName })
      .describe('A Docker volume; {home-hash} stands for the hash of the home folder under each of its names'),
    z.strictObject({ slot: ownedPath.or(z.literal('.')) }).describe('A part of the unpacked release; "." is all of it'),
  ],
  { error: 'exactly one of path, glob, setting (with default), keys, dockerVolume, slot' },
);

export const itemSchema = z.strictObject({
  id: identifier,
  title: text,
  what: text.describe('What it is for, in one sentence'),
  note: text.optional().describe('What a person should know about it when the product is upgraded'),
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
    also: z
      .array(homePath)
      .max(5)
      .default([])
      .describe('Further homes in which an install may be found; the first of them goes before the home above'),
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
      also: z
        .array(z.number().int().min(1).max(65534))
        .max(10)
        .default([])
        .describe('Further ports that the product takes: so much above this one'),
    })
    .optional(),
  recognize: z.strictObject({ all: z.array(ownedPath).min(1) }).describe('Files by which an existing home folder is recognized'),
  config: z.array(configSchema).max(50).default([]),
  items: z.array(itemSchema).min(1).max(200),
  datastores: z.array(datastoreSchema).default([]),
  ledger: ledgerSchema.optional(),
  feed: feedSchema,
  channels: z.record(identifier, channelSchema),
  defaultChannel: identifier,
  payload: payloadSchema,
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
      onUpgrade: z
        .boolean()
        .default(false)
        .describe('It is run again after each switch to another release, as the installer of the product does'),
    })
    .optional()
    .describe('A command of the product that creates its first configuration'),
  actions: z
    .array(
      z.strictObject({
        id: identifier,
        title: text.describe('On a button: Reset the password'),
        what: text.describe('What it does, in one sentence'),
        command,
        env: z.record(variableName, template().or(z.literal(''))).default({}),
        limit: duration.default('1m'),
        releases: semverRange.optional().describe('The releases that have it; without it all'),
        running: z.boolean().default(false).describe('The product has to run'),
        config: identifier.optional().describe('A config file (YAML) that it writes anew: what it drops there is put back'),
      }),
    )
    .max(20)
    .default([])
    .describe('What else the product can do by a command of its own; what that prints is shown once and kept nowhere'),
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
  drill: z
    .strictObject({
      arguments: z
        .array(template())
        .max(50)
        .default([])
        .describe('Added to the command of the service, so that the copy acts on nothing outside: a safe mode'),
      leaveOut: z
        .array(ownedGlob)
        .max(50)
        .default([])
        .describe('Files in the home folder that a copy must not have, because they lead it to something that runs'),
    })
    .optional()
    .describe('How a backup is tried: it is unpacked elsewhere and its release is started on it, on another port'),
  ownBackup: ownBackupSchema.optional(),
  elsewhere: z
    .array(
      z.union([
        z.strictObject({ path: ownedPath }).describe('A folder in the home'),
        z
          .strictObject({ dockerVolume: volumeName })
          .describe('A volume of Docker; {home-hash} is the SHA-256 of the home path, its first 12 digits'),
      ]),
    )
    .max(20)
    .default([])
    .describe('Further places where this product may keep a datastore: with more than one, nobody can tell which is the live one'),
  composeFile: ownedPath
    .optional()
    .describe('The file in the home with which the product runs Docker: where it is and Docker is silent, the data may be out of sight'),
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
