import { expect, it } from 'vitest';
import { Sessions } from '../../electron/web/sessions.ts';

const clock = { now: () => 0, every: () => () => undefined };
const cookieOf = (header: string | null): string => header?.split(';')[0] ?? '';

it('a session belongs to the user whose browser opened it, where the system tells', () => {
  const sessions = new Sessions(clock);
  const cookie = cookieOf(sessions.exchange(sessions.token, 1000));
  expect(sessions.admits(cookie, 1000)).toBe(true);
  expect(sessions.admits(cookie, 1001)).toBe(false);
  expect(sessions.admits(cookie, null)).toBe(true);
  const unknown = cookieOf(sessions.exchange(sessions.token, null));
  expect(sessions.admits(unknown, 1001)).toBe(true);
});

it.skipIf(process.getuid === undefined)('a ticket is for the own user alone, and is gone after another one tried it', () => {
  const own = process.getuid?.() ?? 0;
  const sessions = new Sessions(clock);
  const ticket = sessions.makeTicket();
  expect(sessions.exchange(ticket, own + 1)).toBeNull();
  expect(sessions.exchange(ticket, own)).toBeNull();
  expect(sessions.exchange(sessions.makeTicket(), own)).not.toBeNull();
});

it('a hundred browsers are let in at once; the oldest has to use the token again', () => {
  const sessions = new Sessions(clock);
  const cookies = Array.from({ length: 101 }, () => cookieOf(sessions.exchange(sessions.token, null)));
  expect(sessions.admits(cookies[0], null)).toBe(false);
  expect(cookies.slice(1).every((cookie) => sessions.admits(cookie, null))).toBe(true);
});
