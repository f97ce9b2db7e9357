import type { Fate, PlanFile } from '../../electron/api/models.ts';

/** Whether an item with this fate stays as it is; everything else changes. */
export function stays(fate: Fate): boolean {
  return fate === 'preserve' || fate === 'keep';
}

export const fateWords: Record<Fate, string> = {
  preserve: 'preserved',
  keep: 'kept',
  replace: 'replaced',
  migrate: 'migrated',
  refresh: 'refreshed',
  remove: 'removed',
};

export const fateMeanings: Record<Fate, string> = {
  preserve: 'Stays the same to the byte. The receipt proves it.',
  keep: 'Nothing touches it.',
  replace: 'Another one takes its place.',
  migrate: 'The same data, in the form that the new release needs.',
  refresh: 'Made anew when it is needed.',
  remove: 'Goes to the trash, where it waits for 7 days.',
};

export const fileWords: Record<PlanFile['change'], string> = {
  same: 'same',
  changed: 'changed',
  added: 'new',
  removed: 'removed',
  kept: 'kept',
};
