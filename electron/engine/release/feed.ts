/**
 * Release: what a product publishes, and how one gets from here to there.
 * This room reads feeds, picks what a channel offers, finds the hops to a target and fetches what they need.
 * It promises that a release it returns has a version that semver can order and a checksum that its bytes can be held against.
 * It refuses a feed that lies about its shape, and it never touches an install: staging is the slot room's.
 */
import type { FeedSpec } from '../product/schema.ts';
import { readFolderFeed } from './folder-feed.ts';
import { readGitHubFeed } from './github-feed.ts';
import { readNpmFeed } from './npm-feed.ts';
import type { FeedOptions, Release } from './release.ts';

export type { Artifact, FeedOptions, Release } from './release.ts';

type FeedDriver<Name extends FeedSpec['driver']> = (spec: Extract<FeedSpec, { driver: Name }>, options: FeedOptions) => Promise<Release[]>;

const drivers: { [Name in FeedSpec['driver']]: FeedDriver<Name> } = {
  folder: readFolderFeed,
  npm: readNpmFeed,
  github: readGitHubFeed,
};

/**
 * All releases of a feed, newest first.
 * Throws `feed-unreachable` saying what was tried, `bad-feed` saying where it is wrong, `newer-format`.
 */
export async function readFeed(spec: FeedSpec, options: FeedOptions): Promise<Release[]> {
  const drive = drivers[spec.driver] as FeedDriver<FeedSpec['driver']>;
  return drive(spec, options);
}
