/** Is as healthy as can be, and dies three seconds after it became so. */
import { serve as serveWell } from './serve-well.mjs';

export async function serve(home) {
  await serveWell(home);
  setTimeout(() => {
    console.error('the heap is full');
    process.exit(1);
  }, 3000);
}
