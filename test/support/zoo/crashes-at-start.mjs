/** Crashes before it listens, as a release does that was packed without one of its files. */
export async function serve() {
  await import('./leaf-engine.mjs');
}
