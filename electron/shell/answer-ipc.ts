/** Calls from a window, from what arrived to a `Result`: nothing that arrives is believed to have a shape. */
import { type DesktopInput, type DesktopMethod, desktopMethods, type DesktopResults } from '../api/desktop.ts';
import { toFailureData } from '../api/failure.ts';
import { fail, type Result, succeed } from '../api/result.ts';
import type { Hub } from '../transport/hub.ts';
import { isOwnPage } from './screens-address.ts';

/** Where a message came from: the address of its frame, and whether that is the window's own and not one inside it. */
export interface Sender {
  address: string;
  isMainFrame: boolean;
}

/** What the desktop does for its calls. */
export type DesktopCalls = { [M in DesktopMethod]: (input: DesktopInput<M>) => Promise<DesktopResults[M]> };

export function isTrusted(sender: Sender): boolean {
  return sender.isMainFrame && isOwnPage(sender.address);
}

const notOurs = fail({ code: 'not-confirmed', message: 'Only pages of Moult itself may call it.' });

/** @param given what came over the wire: a method and its input */
export async function answerCall(hub: Pick<Hub, 'callUnchecked'>, sender: Sender, given: readonly unknown[]): Promise<Result<unknown>> {
  if (!isTrusted(sender)) return notOurs;
  const [method, input] = given;
  return hub.callUnchecked(typeof method === 'string' ? method.slice(0, 100) : '', input);
}

export function answerCancel(hub: Pick<Hub, 'cancel'>, sender: Sender, given: readonly unknown[]): Result<unknown> {
  return isTrusted(sender) ? hub.cancel(given[0]) : notOurs;
}

export async function answerDesktop(calls: DesktopCalls, sender: Sender, given: readonly unknown[]): Promise<Result<unknown>> {
  if (!isTrusted(sender)) return notOurs;
  const [method, input] = given;
  if (typeof method !== 'string' || !Object.hasOwn(desktopMethods, method)) {
    return fail({ code: 'bad-input', message: 'the desktop has no such call' });
  }
  const name = method as DesktopMethod;
  const parsed = desktopMethods[name].safeParse(input ?? {});
  if (!parsed.success) {
    return fail({ code: 'bad-input', message: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
  }
  try {
    // The table ties each method to its input; TypeScript cannot follow that through a union of methods.
    return succeed(await (calls[name] as (input: unknown) => Promise<unknown>)(parsed.data));
  } catch (error) {
    return fail(toFailureData(error));
  }
}

/** The number of a subscription; null for anything else. */
export function subscriptionOf(given: readonly unknown[]): number | null {
  const [subscription] = given;
  return typeof subscription === 'number' && Number.isSafeInteger(subscription) && subscription > 0 ? subscription : null;
}
