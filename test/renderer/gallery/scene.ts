/** What a scene is, and the data that it begins with. `press` is pressed before anybody looks, one after the other. */
import type { Desktop } from '../../../electron/api/desktop.ts';
import { product } from '../../support/fake-world.ts';
import type { FakeClient } from '../fake-client.ts';
import { sampleBackups, sampleHistory, sampleStatus } from './sample-data.ts';
import { freshPlan, restorePlan, samplePlan } from './sample-plans.ts';

export interface Scene {
  address: string;
  prepare: (client: FakeClient) => void;
  after?: (client: FakeClient) => void;
  press?: string[];
  /** Only in the desktop app. */
  desktop?: Desktop;
}

const logText = Array.from(
  { length: 60 },
  (_, index) => `2026-03-06T05:${String(index).padStart(2, '0')}:07.000Z GET /notes/${index} 200 ${index % 7} ms`,
).join('\n');

function usual(client: FakeClient): void {
  client.answer('status', sampleStatus);
  client.answer('drift', { install: 'sprig', release: '1.0.0', target: null, findings: [], unknown: [] });
  client.reply('plan', ({ action }) => ({
    ok: true,
    result:
      action === 'restore' || action === 'roll-back'
        ? { ...restorePlan, action }
        : action === 'upgrade' || action === undefined
          ? samplePlan
          : { ...freshPlan, action },
  }));
  client.answer('backups', sampleBackups);
  client.answer('history', sampleHistory);
  client.answer('logs', { path: '/home/ann/.sprig/logs/sprig.log', text: `${logText}\n`, end: logText.length + 1 });
  client.answer('products', [
    product,
    {
      ...product,
      product: 'node-red',
      title: 'Node-RED',
      summary: 'Low-code programming for event-driven applications.',
      home: '/home/ann/.node-red',
      links: { home: 'https://nodered.org', docs: 'https://nodered.org/docs/' },
      channels: [
        { channel: 'stable', note: 'Finished releases' },
        { channel: 'maintenance', note: 'The major release before' },
        { channel: 'next', note: 'Betas' },
      ],
    },
  ]);
}

/** A screen at an address, with a person's usual data unless it says otherwise. */
export function scene(address: string, more: Partial<Scene> = {}): Scene {
  return {
    address,
    ...more,
    prepare(client) {
      usual(client);
      more.prepare?.(client);
    },
  };
}
