import { parentPort, workerData } from 'node:worker_threads';
import { applyMigrations } from './migrations.mjs';

applyMigrations(workerData.file, (line) => parentPort.postMessage(line));
