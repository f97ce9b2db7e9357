/** Milliseconds that a piece of work keeps the processor busy: on a machine that does other things too, the clock on the wall says more than that. */
export function processorTime(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
