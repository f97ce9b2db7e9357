/** Something that the install owns and needs is not there. */
import { restoreBackup, type Detector } from './ways.ts';

export const itemMissing: Detector = {
  id: 'item-missing',
  title: 'Everything the install needs is there',
  detect: (facts) => ({
    findings: facts.items
      .filter((item) => item.required && !item.exists)
      .map(({ item, title, paths }) => ({
        kind: 'item-missing' as const,
        severity: 'problem' as const,
        subject: item,
        expected: paths.join(', ') || title,
        found: 'nothing',
        message: `${title} is not there: nothing stands at ${paths.join(', ') || 'any of its places'}`,
        remedy: restoreBackup(facts),
        alternatives: [
          { action: 'choose-folder' as const, text: 'Put it back, if it was moved; or name its new place in the config.' },
          {
            action: 'start-service' as const,
            text: 'Start the product, if it makes a new one by itself.',
            command: `moult start ${facts.install}`,
          },
        ],
      })),
  }),
};
