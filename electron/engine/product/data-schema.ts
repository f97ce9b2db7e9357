/** What a descriptor says of data: where a datastore is and who runs it, and the ledger of its migrations. */
import { z } from 'zod';
import {
  identifier,
  jsonPointer,
  programFile,
  programFolder,
  regularExpression,
  semverRange,
  shippedPath,
  sqlIdentifier,
  sqlName,
  template,
} from './fields.ts';

const mode = z
  .string()
  .max(50)
  .regex(/^[A-Za-z][\w-]*$/, 'one word')
  .optional()
  .describe('What the product calls this kind of datastore: the value of {datastore-mode} where it is the one in use');

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
      mode,
    })
    .describe('A data folder of PostgreSQL that belongs to this install alone'),
  z
    .strictObject({
      driver: z.literal('docker-postgres'),
      item: identifier,
      database: sqlIdentifier.describe('The database of the product'),
      role: sqlIdentifier.default('postgres').describe('The role that Moult connects as inside the container: a superuser of the cluster'),
      mode,
    })
    .describe('PostgreSQL in a container of the product, its data in the Docker volume where the item is'),
]);

/** How the newest migration of a release is learned where no folder of files tells; the first that answers is believed. */
export const knownMigration = z.union(
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
      known: z.array(knownMigration).max(10).optional(),
    })
    .describe('A table with a row for each applied migration'),
  z
    .strictObject({
      driver: z.literal('pragma'),
      datastore: identifier,
      known: z
        .union([z.strictObject({ file: shippedPath, pointer: jsonPointer }), z.array(knownMigration).max(10)], {
          error: 'file with pointer, or a list of ways in which it is learned',
        })
        .optional(),
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
