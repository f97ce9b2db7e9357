import type { Check } from './facts.ts';

/** A product that is ill before the upgrade will be ill after it, and a roll back could not prove itself. */
export const serviceCheck: Check = {
  id: 'service',
  title: 'The product is well',
  look: ({ service, title, install }) => {
    if (service === null) return null;
    if (!service.running)
      return { status: 'pass', message: `${title} is not running; it is started for the health check and stopped again.` };
    if (service.health === 'healthy') return { status: 'pass', message: `${title} runs and is healthy.` };
    return {
      status: 'warn',
      message: `${title} runs but is ${service.health}${service.detail === null ? '' : `: ${service.detail}`}.`,
      remedy: { action: 'open-log', text: 'Look at its log before going on.', command: `moult logs ${install}` },
    };
  },
};
