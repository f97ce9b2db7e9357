/**
 * Works on several entries of a stream at once and yields the results in the stream's order. At most `together` are under way, so memory
 * stays flat. The first error ends it.
 */
export async function* inOrder<From, To>(
  source: AsyncIterable<From>,
  together: number,
  work: (entry: From) => Promise<To>,
): AsyncGenerator<To> {
  const underWay: Promise<To>[] = [];
  try {
    for await (const entry of source) {
      const result = work(entry);
      // It is awaited in its turn; until then a failure must not count as one that nobody handles.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length >= together) yield (await underWay.shift()) as To;
    }
    while (underWay.length > 0) yield (await underWay.shift()) as To;
  } finally {
    await Promise.allSettled(underWay);
  }
}
