export interface Lock {
  release(): Promise<void>;
}

export interface LockHolder {
  pid: number;
  operation: string;
  since: string;
}

export async function takeLock(_folder: string, _operation: string): Promise<Lock> {
  throw new Error('not written yet');
}

export async function lockHolder(_folder: string): Promise<LockHolder | null> {
  throw new Error('not written yet');
}
