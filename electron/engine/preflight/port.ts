import type { Check } from './facts.ts';

export const portCheck: Check = {
  id: 'port',
  title: 'The port is free',
  look: ({ port, title, action }) => {
    if (port === null) return null;
    const taken = port.free ? (port.taken ?? []) : [port.number];
    if (port.ours || taken.length === 0)
      return { status: 'pass', message: `Port ${port.number} is ${port.ours ? `used by this ${title}` : 'free'}.` };
    const change =
      action === 'set-up'
        ? { action: 'choose-folder' as const, text: 'Name another port.', command: 'moult set-up … --port N' }
        : undefined;
    return {
      status: 'fail',
      code: 'port-in-use',
      message: `Port ${taken.join(' and ')} is used by something that Moult did not start${port.free ? `; ${title} on port ${port.number} needs it too` : ''}.`,
      remedy: change ?? {
        action: 'stop-service',
        text: `Stop what uses the port${port.setting === null ? '' : `, or change ${port.setting}`}.`,
      },
      details: { port: taken[0] },
    };
  },
};
