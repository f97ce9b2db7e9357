/** Run in a worker thread: listing, hashing, and the folders and links of an unpacked tree. */
import * as files from '../platform/blocking-files.ts';
import { RunningHash } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { putFacts } from './fact-columns.ts';
import { factCount, kinds, type FinishJob, type Jobs, type ListReply } from './worker-jobs.ts';

export function listFolders(input: { folders: string[] }): Answer<ListReply> {
  const folders = input.folders.map(listFolder);
  return { reply: { folders }, transfer: folders.flatMap((folder) => (folder ? [folder.numbers.buffer] : [])) };
}

export function look(input: { path: string }): Answer<Jobs['look']['reply']> {
  const facts = files.factsOrNull(input.path);
  if (!facts) return { reply: null };
  return { reply: { facts, target: facts.kind === 'link' ? files.linkTarget(input.path) : null, fresh: files.isFresh(facts) } };
}

export function hashWholeFile(input: { path: string }): Answer<{ sha256: string }> {
  const file = files.openToRead(input.path);
  try {
    const buffer = Buffer.allocUnsafeSlow(1 << 20);
    const hash = new RunningHash();
    for (let position = 0; ; position += buffer.length) {
      const read = files.readInto(file, buffer, position);
      hash.add(buffer.subarray(0, read));
      if (read < buffer.length) return { reply: { sha256: hash.end() } };
    }
  } finally {
    files.closeFile(file);
  }
}

/** Makes folders, outermost first, private until `finishTree`. One that is there may be used; a link or file in its place is refused. */
export function makeFolders(input: { paths: string[] }): Answer<null> {
  for (const path of input.paths) {
    if (files.makeFolderAt(path, 0o700)) continue;
    const there = files.factsOrNull(path);
    if (there?.kind === 'folder') continue;
    throw Object.assign(new Error(`${path} is in the way: it is a ${there?.kind ?? 'thing that comes and goes'}, not a folder`), {
      code: 'ENOTDIR',
    });
  }
  return { reply: null };
}

/** Makes an empty private file for content that comes in stretches. */
export function makeFile(input: { path: string }): Answer<null> {
  files.closeFile(files.openNew(input.path, 0o600));
  return { reply: null };
}

export function finishTree(job: FinishJob): Answer<null> {
  for (const file of job.files) {
    const open = files.openToWrite(file.path);
    try {
      files.setLength(open, file.bytes);
      files.setFacts(open, file.facts);
    } finally {
      files.closeFile(open);
    }
  }
  for (const link of job.links) files.makeLinkAt(link.target, link.path, link.facts);
  for (const folder of job.folders) files.setFolderFacts(folder.path, folder.facts);
  return { reply: null };
}

export function syncFiles(input: { paths: string[] }): Answer<null> {
  for (const path of input.paths) {
    const open = files.openToRead(path);
    files.syncOpen(open);
    files.closeFile(open);
  }
  return { reply: null };
}

function listFolder(folder: string): ListReply['folders'][number] {
  const names = files.namesInOrNull(folder);
  if (!names) return null;
  const present: string[] = [];
  const numbers = new Float64Array(names.length * factCount);
  const targets: Record<number, string> = {};
  for (const name of names) {
    const path = `${folder}/${name}`;
    const facts = files.factsOrNull(path);
    if (!facts) continue;
    const at = present.length * factCount;
    numbers[at] = kinds.indexOf(facts.kind);
    putFacts(facts, numbers, at + 1);
    if (facts.kind === 'link') targets[present.length] = files.linkTarget(path);
    present.push(name);
  }
  return { names: present, numbers, targets };
}
