/** Does some work on each item, a few at a time: enough to keep a disk busy, few enough to keep memory flat. The first error ends it. */
export async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>, width: number = 8): Promise<void> {
  const left = items.values();
  let failed = false;
  const one = async () => {
    for (const item of left) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, one));
}
