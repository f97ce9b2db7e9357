/**
 * A report to send with a problem: a text that helps somebody else to see what is wrong. What looks like a secret is taken out, and so is
 * every secret that the install is known to have, whatever it looks like. Only looks; nothing is sent anywhere.
 */
import type { Api } from '../../api/methods.ts';
import { toFailureData } from '../../api/failure.ts';
import type { Plan } from '../../api/models.ts';
import { redact } from '../../api/redact.ts';
import { readConfig, valueAt } from '../install/config-file.ts';
import { now } from '../platform/clock.ts';
import { architecture, moultVersion, nodeVersion, platform } from '../platform/environment.ts';
import { readTextOrNull } from '../platform/files.ts';
import { secretValues } from '../service/secrets.ts';
import { type OpenedInstall, serviceTarget } from './kit.ts';

/** Lines of the log and operations of the history that go into a report. */
const logLines = 200;
const pastOperations = 20;

/** A file that holds nothing but one secret is this long at most, in characters; shorter values are no secrets. */
const longestKey = 4096;
const shortestSecret = 6;

export type ReportQueries = Pick<Api, 'status' | 'plan' | 'check' | 'drift' | 'history' | 'logs'>;

/** Asks for what a report needs and writes it. What cannot be had is said to be missing. */
export async function reportOf(opened: OpenedInstall, ask: ReportQueries): Promise<string> {
  const install = opened.record.name;
  const { descriptor, record, home } = opened;
  const parts = await Promise.all([
    part('Moult', async () => `version ${moultVersion()}\nNode ${nodeVersion()}, ${platform()} ${architecture()}\nwritten ${now()}`),
    part('Install', async () => json({ product: descriptor.product, record, home, service: descriptor.service.driver })),
    part('Status', async () => json(await ask.status({ install }))),
    part('Plan of the next upgrade', async () => json(withoutFiles(await ask.plan({ install, action: 'upgrade' })))),
    part('Checks', async () => json(await ask.check({ install }))),
    part('Drift', async () => json(await ask.drift({ install }))),
    part('History', async () => json(await ask.history({ install, limit: pastOperations }))),
    part('Log', async () => {
      const { path, text } = await ask.logs({ install, lines: logLines });
      return `${path}\n\n${text}`;
    }),
  ]);
  return redact(parts.join('\n'), await knownSecrets(opened));
}

async function part(title: string, write: () => Promise<string>): Promise<string> {
  const text = await write().catch((error: unknown) => {
    const { code, message } = toFailureData(error);
    return `not known: ${code}, ${message}`;
  });
  return `## ${title}\n\n${text}\n`;
}

/** File lists say which notes a person keeps; they help nobody. */
function withoutFiles(plan: Plan): unknown {
  return { ...plan, items: plan.items.map((item) => ({ ...item, list: [] })), strays: plan.strays.length };
}

/** The values of secret options, of secret variables of the service, and of files that hold one secret and nothing else. */
async function knownSecrets(opened: OpenedInstall): Promise<string[]> {
  const found = secretValues(serviceTarget(opened).env);
  for (const { item, kind, keys, paths } of opened.items) {
    if (!item.secret) continue;
    if (keys !== undefined) {
      const config = await readConfig(keys.file, keys.format).catch(() => null);
      for (const key of keys.keys) if (config !== null) found.push(...texts(valueAt(config, key)));
    } else if (kind === 'files') {
      for (const path of paths) found.push(...oneLine(await readTextOrNull(path).catch(() => null)));
    }
  }
  return found.filter((value) => value.length >= shortestSecret);
}

function oneLine(content: string | null): string[] {
  const text = content?.trim() ?? '';
  return text.length <= longestKey && !text.includes('\n') && !/^[{[]/.test(text) ? [text] : [];
}

/** Every text within a value of a config file. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
