/** Frames of a backup, read one by one in this thread: for the few that tell what is in it. */
import type { Failure } from '../../api/failure.ts';
import * as container from './frame-container.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** The index of the frame that begins at a place of the tar. */
export function frameAt(frames: readonly container.Frame[], plainAt: number): number | null {
  let at = 0;
  const index = frames.findIndex((frame) => {
    if (at === plainAt) return true;
    at += frame.plainBytes;
    return false;
  });
  return index < 0 ? null : index;
}

export async function readFrame(
  otherwise: Failure,
  file: StoredBytes,
  kind: container.ContainerKind,
  frame: container.Frame,
): Promise<Buffer> {
  return decodeOr(otherwise, kind, await file.readAt(frame.at, frame.bytes), frame.plainBytes);
}

export function decodeOr(otherwise: Failure, kind: container.ContainerKind, frame: Buffer, plainBytes: number): Buffer {
  try {
    return container.decompressFrame(kind, frame, plainBytes);
  } catch {
    throw otherwise;
  }
}
