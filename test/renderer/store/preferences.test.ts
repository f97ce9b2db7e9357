import { expect, test } from 'vitest';
import { createPreferences } from '../../../renderer/store/preferences.ts';

test('what is set is kept', () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  createPreferences(storage).setState({ showCommands: true });
  expect(createPreferences(storage).getState()).toEqual({ showCommands: true });
});

test.for(['not json', '7', 'null', '{"showCommands":"yes"}'])('a strange memory (%s) is no memory', (text) => {
  expect(createPreferences({ getItem: () => text, setItem: () => undefined }).getState()).toEqual({ showCommands: false });
});

test('a browser that keeps nothing still works', () => {
  const refuse = (): never => {
    throw new Error('no storage here');
  };
  const preferences = createPreferences({ getItem: refuse, setItem: refuse });
  preferences.setState({ showCommands: true });
  expect(preferences.getState().showCommands).toBe(true);
});
