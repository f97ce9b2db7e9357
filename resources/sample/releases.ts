/** The releases of Sprig Lite: what each of them is, told once. `layers` are folders laid over `common/`, the later one winning. */

export interface ReleaseDefinition {
  version: string;
  /** When it was published, ISO 8601; every file in the archive bears this time. */
  published: string;
  /** The managed runtime that it pins. */
  runtime: string;
  layers: readonly string[];
  notes: string;
  breaking: readonly string[];
  /** A semver range: only those can be upgraded to this one. */
  needs?: string;
  /** The oldest schema version of an existing datastore that it takes over. */
  minimumSchema?: string;
}

export const releases: readonly ReleaseDefinition[] = [
  {
    version: '1.0.0',
    published: '2025-03-04T09:00:00.000Z',
    runtime: '1.0',
    layers: ['1.0.0'],
    notes: 'The first release: notes with tags, and a login.',
    breaking: [],
  },
  {
    version: '1.1.0',
    published: '2025-06-17T09:00:00.000Z',
    runtime: '1.0',
    layers: ['1.0.0', '1.1.0'],
    notes: 'History: every saved text of a note is kept for as many days as history_days says.',
    breaking: [],
  },
  {
    version: '1.2.0',
    published: '2025-10-09T09:00:00.000Z',
    runtime: '1.1',
    layers: ['1.0.0', '1.1.0', '1.2.0'],
    notes: 'Lists of things to do in notes. Tags are cleaned up and prepared for 2.0.',
    breaking: [],
  },
  {
    version: '2.0.0',
    published: '2026-02-12T09:00:00.000Z',
    runtime: '2.0',
    layers: ['1.0.0', '1.1.0', '1.2.0', '2.0.0'],
    notes: 'Tables in notes. Tags move into tables of their own, which makes large workspaces quick.',
    breaking: [
      'The option title is called site_title; the old name is still read, with a warning.',
      'The datastore cannot be read by 1.x any more. Only 1.2.0 and newer can be upgraded to 2.0.0.',
    ],
    needs: '>=1.2.0',
    minimumSchema: '4',
  },
];
