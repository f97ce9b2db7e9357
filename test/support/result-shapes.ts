/** What `--json` promises to scripts, as the command line's documentation tells it. Further fields are allowed, missing ones are not. */
import { z } from 'zod';

const text = z.string().min(1);
const count = z.number().int().min(0);
const seconds = z.number().min(0);
const path = z.string().startsWith('/');
const time = z.iso.datetime();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const fate = z.enum(['preserve', 'replace', 'migrate', 'refresh', 'remove', 'keep']);
const verdict = z.enum(['proven', 'unproven', 'bad']);
const endState = z.enum(['new-and-healthy', 'old-and-healthy', 'old-and-stopped', 'done', 'stopped-and-kept']);
const remedy = z.object({ action: text, text, command: text.optional() });

export const errorShape = z.object({ code: text, message: text, remedy: remedy.optional() });

export const statusShape = z.object({
  install: text,
  product: text,
  release: text.nullable(),
  channel: text,
  home: path,
  schema: z.object({ version: text.nullable(), known: text.nullable() }),
  service: z.object({ state: z.enum(['running', 'stopped', 'foreign']), pid: count.nullable(), port: count.nullable() }),
  health: z.enum(['healthy', 'unhealthy', 'stopped', 'unknown']),
  update: z.object({
    latest: text.nullable(),
    quarantined: z.array(z.object({ release: text, reason: text })),
    error: errorShape.nullable(),
  }),
  lastBackup: z.object({ id: text, at: time, verdict }).nullable(),
  protection: z.object({
    provenAt: time.nullable(),
    scheduled: z.boolean(),
    next: time.nullable(),
    missed: time.nullable(),
    warning: text.nullable(),
  }),
  interrupted: z.object({ operation: text, kind: text, step: text, startedAt: time, recovery: z.enum(['finish', 'undo']) }).nullable(),
});

export const planShape = z.object({
  from: text.nullable(),
  to: text.nullable(),
  path: z.array(z.object({ release: text, kind: z.enum(['patch', 'minor', 'major', 'prerelease', 'same']) })),
  items: z
    .array(
      z.object({
        item: text,
        fate,
        files: count,
        bytes: count,
        before: text.nullable(),
        after: text.nullable(),
        paths: z.array(z.string()),
      }),
    )
    .min(1),
  strays: z.array(z.object({ path, bytes: count })),
  checks: z.array(z.object({ check: text, status: z.enum(['pass', 'warn', 'fail']), message: text })).min(1),
  space: z.object({ needed: count, free: count.nullable() }),
  downtime: seconds.nullable(),
  steps: z.array(z.object({ id: text, title: text })).min(1),
});

export const backupShape = z.object({
  id: text,
  path,
  bytes: count,
  files: count,
  sha256: hash,
  seconds,
  downtimeSeconds: seconds,
  verdict,
});
export const backupsShape = z.array(z.object({ id: text, path, at: time, verdict, reason: text }));
export const verificationShape = z.object({ path, verdict, files: count, bytes: count, problems: z.array(text) });

export const driftShape = z.object({
  findings: z.array(
    z.object({
      kind: text,
      severity: z.enum(['info', 'warning', 'problem']),
      subject: text,
      expected: text,
      found: text,
      message: text,
      remedy,
      alternatives: z.array(remedy).min(1),
    }),
  ),
  unknown: z.array(z.object({ detector: text, reason: text })),
});

export const receiptShape = z.object({
  operation: text,
  endState,
  startedAt: time,
  endedAt: time,
  seconds,
  downtimeSeconds: seconds,
  backup: text.nullable(),
  items: z.array(z.object({ item: text, fate, before: hash.or(text).nullable(), after: hash.or(text).nullable(), unchanged: z.boolean() })),
  steps: z.array(z.object({ id: text, title: text, seconds, outcome: z.enum(['done', 'undone', 'failed', 'skipped']) })).min(1),
});

/** Of everything that ends in an end state: set-up, upgrade, restore, rollback, uninstall, fresh-start, undo. */
export const changeShape = z.object({ operation: text, from: text.nullable(), to: text.nullable(), endState, receipt: receiptShape });
