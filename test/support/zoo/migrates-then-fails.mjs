/** Applies its migration, which throws data away, to the end, and fails after it. Only the old data brings the old release back. */
import { placesIn } from './home.mjs';
import { migrate } from './migrations.mjs';

export async function serve(home) {
  await migrate(placesIn(home).database, (line) => console.log(line));
  throw new Error('the new index cannot be read');
}
