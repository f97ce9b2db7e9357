import type { Check } from './facts.ts';

/** Old code never meets newer data, and a half-migrated schema is not migrated further. */
export const schemaCheck: Check = {
  id: 'schema',
  title: 'The datastore is in order',
  look: ({ schema, install, action }) => {
    if (schema === null) return null;
    if (schema.error !== null) {
      // What only a start puts in order must not be kept from starting: the release that starts is the one that wrote it.
      if (action === 'start' && schema.remedy?.action === 'start-service')
        return { status: 'warn', message: `The datastore cannot be read: ${schema.error}` };
      return {
        status: 'fail',
        code: 'check-failed',
        message: `The datastore cannot be read: ${schema.error}`,
        remedy: schema.remedy ?? { action: 'restore-backup', text: 'Restore a backup.', command: `moult backups ${install}` },
      };
    }
    if (schema.dirty !== null) {
      return {
        status: 'fail',
        code: 'schema-dirty',
        message: `The schema is marked dirty: ${schema.dirty}`,
        remedy: {
          action: 'restore-backup',
          text: 'Restore a backup from before the failed migration.',
          command: `moult backups ${install}`,
        },
      };
    }
    if (schema.unknown.length > 0) {
      const known = schema.known ?? 'unknown';
      return {
        status: 'fail',
        code: 'schema-ahead',
        message: `datastore is at schema version ${schema.version} but release ${schema.by} only knows up to ${known}; an older release would be run against a newer datastore.`,
        remedy: {
          action: 'upgrade-binary',
          text: `Upgrade to a release that knows ${schema.version}, or restore a backup that ${schema.by} made.`,
          command: `moult backups ${install}`,
        },
        details: { schema: schema.version, known: schema.known, release: schema.by },
      };
    }
    return { status: 'pass', message: schema.version === null ? 'There is no schema yet.' : `The schema is at version ${schema.version}.` };
  },
};
