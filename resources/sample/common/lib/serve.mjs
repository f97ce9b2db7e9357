/**
 * The life of the server: look at everything that could be wrong while nothing is changed, listen, bring runtime, dependencies and
 * datastore up to this release (telling how far it is), serve, and on SIGTERM finish what is asked and leave.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { createApplication } from './application.mjs';
import { readyDependencies } from './dependencies.mjs';
import { placesIn } from './home.mjs';
import { readyRuntime } from './managed-runtime.mjs';
import { checkSchema, migrate } from './migrations.mjs';
import { openNotes } from './notes.mjs';
import { readOptions } from './options.mjs';
import { Refusal } from './refusal.mjs';
import { readRelease } from './release.mjs';

const log = (text) => console.log(`${new Date().toISOString()} ${text}`);
const warn = (text) => log(`warning: ${text}`);

/** Returns when the server is ready; it then runs until it is told to stop. */
export async function serve(home) {
  const release = readRelease();
  const places = placesIn(home);
  const options = readOptions(home, warn);
  if (!existsSync(options.workspace))
    throw new Refusal(4, `the workspace ${options.workspace} is missing; put it back or change "workspace" in ${places.config}`);
  checkSchema(places.database, release);

  const state = { release, options, places, status: 'starting', progress: 'begun', notes: null };
  const application = createApplication(state, log);
  const stopping = new AbortController();
  await listen(application, options.port);
  stopOnSignals(application, state, stopping);
  try {
    await prepare(state, stopping.signal);
  } catch (error) {
    application.closeAllConnections();
    application.close();
    state.notes?.close();
    throw error;
  }
}

async function prepare(state, signal) {
  const { places, options, release } = state;
  state.runtime = await readyRuntime(places.runtime, release.runtime);
  if (state.runtime.before !== release.runtime) log(`runtime ${state.runtime.before ?? 'none'} replaced by ${release.runtime}`);
  state.extensions = await readyDependencies(places.dependencies, options.workspace, warn);
  if (state.extensions.rebuilt) log('dependencies built anew');
  const onProgress = async (text) => {
    state.progress = text;
    await letOthersRun();
  };
  mkdirSync(places.data, { recursive: true, mode: 0o700 });
  await migrate(places.database, onProgress, signal);
  if (signal.aborted) return;
  state.notes = openNotes(places.database, options.workspace);
  state.notes.prune(options.history_days);
  await state.notes.refresh(onProgress);
  Object.assign(state, { status: 'ok', progress: 'ready' });
  log(`sprig ${release.version} (build ${release.build}) serves http://127.0.0.1:${options.port}/`);
}

function listen(application, port) {
  return new Promise((resolve, reject) => {
    application.once('error', (error) =>
      reject(error.code === 'EADDRINUSE' ? new Refusal(5, `port ${port} on 127.0.0.1 is in use`) : error),
    );
    application.listen(port, '127.0.0.1', resolve);
  });
}

function stopOnSignals(application, state, stopping) {
  for (const name of ['SIGTERM', 'SIGINT']) {
    process.on(name, () => {
      if (stopping.signal.aborted) return;
      log(`${name}: finishing`);
      stopping.abort();
      state.status = 'stopping';
      // Requests that are still going on after 5 s are cut off, so that a stop always ends.
      const cutOff = setTimeout(() => application.closeAllConnections(), 5000);
      application.closeIdleConnections();
      application.close(() => {
        clearTimeout(cutOff);
        state.notes?.close();
        log('stopped');
        process.exit(0);
      });
    });
  }
}
