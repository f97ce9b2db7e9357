/** Runs and never listens. */
export async function serve() {
  console.log('waiting for a thing that never comes');
  setInterval(() => {}, 1000);
}
