import type { Engine } from '../api/engine.ts';
import { toFailureData } from '../api/failure.ts';
import type { MethodName, QueryName, QueryResults } from '../api/methods.ts';
import { fail, type Result, succeed } from '../api/result.ts';
import { parseInput } from './parse.ts';

/** What a method answers: a query its result, an operation its id. */
export type Answer<M extends MethodName> = M extends QueryName ? QueryResults[M] : { operation: string };

/**
 * One call, whole: checks the input, asks the engine, and turns whatever is thrown into data. Never rejects.
 * @param method one of the contract's methods; a name from a wire goes through `parseMethod` first
 * @param input what came from outside, unchecked
 */
export async function call<M extends MethodName>(engine: Pick<Engine, 'api'>, method: M, input: unknown): Promise<Result<Answer<M>>> {
  try {
    const parsed = parseInput(method, input);
    // The table ties each method to its input and answer; TypeScript cannot follow that through a union of methods.
    const run = engine.api[method] as unknown as (input: unknown) => Promise<Answer<M>>;
    return succeed(await run.call(engine.api, parsed));
  } catch (error) {
    return fail(toFailureData(error));
  }
}
