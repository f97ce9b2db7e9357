/** The script of this room's worker threads. */
import { serveJobs } from '../platform/workers.ts';
import { checkFrame, readStored } from './check-job.ts';
import { packFrame } from './pack-job.ts';
import { finishTree, hashWholeFile, listFolders, look, makeFile, makeFolders, syncFiles } from './tree-jobs.ts';
import type { Jobs } from './worker-jobs.ts';

serveJobs<Jobs>({
  list: listFolders,
  look,
  pack: packFrame,
  check: checkFrame,
  read: readStored,
  'hash-file': hashWholeFile,
  'make-file': makeFile,
  'make-folders': makeFolders,
  'finish-tree': finishTree,
  'sync-files': syncFiles,
});
