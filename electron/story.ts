/** The story's composition root: `npm run story` walks through it on the real engine. */
import type { Engine } from './api/engine.ts';
import { main } from './cli/story.ts';

process.exit(await main(openEngine));

async function openEngine(): Promise<Engine> {
  const { createEngine } = await import('./engine/index.ts');
  return createEngine({});
}
