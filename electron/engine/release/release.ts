/** Where the bytes of a release are, and the checksum that tells whether they are the right ones. */
export type Artifact =
  | { kind: 'file'; path: string; bytes: number | null; sha256: string }
  | { kind: 'url'; url: string; bytes: number | null; sha256: string }
  | {
      kind: 'npm';
      package: string;
      version: string;
      /** The registry it was found in, without a slash at the end. */
      registry: string;
      /** Subresource Integrity, https://www.w3.org/TR/SRI/: `sha512-` and base64. */
      integrity: string;
      tarball: string;
      bytes: number | null;
    };

/** One published version. */
export interface Release {
  /** Valid semver 2.0, without a leading `v`. */
  version: string;
  /** ISO 8601 in UTC. */
  publishedAt: string | null;
  notes: string | null;
  breaking: string[];
  /** Dist-tags that point at it. */
  tags: string[];
  prerelease: boolean;
  /** The semver range of releases that can upgrade to it; null for all older ones. */
  needs: string | null;
  /** The highest schema version it knows. */
  schema: string | null;
  engines: { node?: string };
  /** The publisher's message when it should not be used any more. */
  deprecated: string | null;
  artifact: Artifact;
}

export interface FeedOptions {
  /** Fills in the braces of a descriptor's text. */
  fill: (text: string) => string;
  /** The product that the feed must be of, when that is known. */
  product?: string;
  signal?: AbortSignal;
  /** Seconds that one request to a feed on the network may take. */
  limit?: number;
}
