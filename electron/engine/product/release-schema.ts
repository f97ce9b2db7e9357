/** What a descriptor says of releases: where they come from, which are offered, how one gets into place; and of the product's own backups. */
import { z } from 'zod';
import {
  assetName,
  gitHubRepository,
  httpUrl,
  identifier,
  jsonPointer,
  npmPackage,
  ownedPath,
  programName,
  readPlace,
  semverRange,
  text,
} from './fields.ts';

export const channelSchema = z.strictObject({
  tag: z.string().min(1).max(100).optional().describe('A dist-tag of the feed'),
  range: semverRange.optional().describe('A semver range'),
  prerelease: z.boolean().default(false).describe('Whether pre-releases are offered'),
  note: text.optional(),
});

export const feedSchema = z.discriminatedUnion('driver', [
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

export const programsSchema = z
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

export const payloadSchema = z.discriminatedUnion('driver', [
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

export const ownBackupSchema = z
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
  .describe('A backup that the product makes by itself, and that Moult can restore');
