import type { Check } from './facts.ts';

export const portCheck: Check = {
  id: 'port',
  title: 'The port is free',
  look: ({ port, title, action }) => {
    if (port === null) return null;
    if (port.free || port.ours)
      return { status: 'pass', message: `Port ${port.number} is ${port.ours ? `used by this ${title}` : 'free'}.` };
    const change =
      action === 'set-up'
        ? { action: 'choose-folder' as const, text: 'Name another port.', command: 'moult set-up … --port N' }
        : undefined;
    return {
      status: 'fail',
      code: 'port-in-use',
      message: `Port ${port.number} is used by something that Moult did not start.`,
      remedy: change ?? {
        action: 'stop-service',
        text: `Stop what uses the port${port.setting === null ? '' : `, or change ${port.setting}`}.`,
      },
      details: { port: port.number },
    };
  },
};
