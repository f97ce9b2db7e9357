/**
 * Who is let in. The printed token is exchanged for a cookie; the cookie opens everything else.
 * A cookie on 127.0.0.1 is sent to every port of it, so another user's server on this machine could be handed one by a careless browser.
 * Where the system tells whose a connection is (Linux), a session therefore belongs to the user whose browser opened it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../transport/clock.ts';

/** Bytes of chance in a token; nobody guesses 256 bits. */
const length = 32;

/** Browsers that are let in at once; with more, the oldest has to use the token again. */
const most = 100;

/** Milliseconds for which a ticket is good: a browser takes its time to start. */
const ticketLife = 60_000;

export class Sessions {
  readonly token = secret();
  readonly #clock: Clock;
  readonly #sessions = new Map<string, { user: number | null }>();
  readonly #tickets = new Map<string, { until: number }>();
  #cookie = 'moult';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Two servers on one machine do not overwrite each other's cookie. */
  nameCookie(port: number): void {
    this.#cookie = `moult-${port}`;
  }

  /** A token that works once, for this process's own user. */
  makeTicket(): string {
    const ticket = secret();
    this.#tickets.set(ticket, { until: this.#clock.now() + ticketLife });
    return ticket;
  }

  /**
   * Exchanges a token for a cookie header; null when it is not one of ours.
   * @param user whose connection it is; null where the system does not tell
   */
  exchange(token: string, user: number | null): string | null {
    if (!isSame(token, this.token) && !this.#useTicket(token, user)) return null;
    const session = secret();
    this.#sessions.set(session, { user });
    for (const oldest of [...this.#sessions.keys()].slice(0, Math.max(0, this.#sessions.size - most))) this.#sessions.delete(oldest);
    return `${this.#cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request's cookies hold a session of this user. */
  admits(cookies: string | undefined, user: number | null): boolean {
    const given = valuesOf(cookies, this.#cookie);
    return [...this.#sessions].some(([session, owner]) => {
      const isTheirs = owner.user === null || user === null || owner.user === user;
      return isTheirs && given.some((value) => isSame(value, session));
    });
  }

  #useTicket(token: string, user: number | null): boolean {
    for (const [ticket, { until }] of this.#tickets) {
      if (until < this.#clock.now()) this.#tickets.delete(ticket);
      else if (isSame(token, ticket)) {
        this.#tickets.delete(ticket);
        const own = process.getuid?.() ?? null;
        return user === null || own === null || user === own;
      }
    }
    return false;
  }
}

function secret(): string {
  return randomBytes(length).toString('base64url');
}

/** Compares in a time that does not tell how much was right; both are hashed so that their lengths do not tell either. */
function isSame(left: string, right: string): boolean {
  const [first, second] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}

/** All values under a name in a `Cookie` header (RFC 6265, section 4.2): a stranger may have set a second one. */
function valuesOf(cookies: string | undefined, name: string): string[] {
  return (cookies ?? '').split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
}
