export async function tail(_path: string, _lines: number): Promise<string> {
  throw new Error('not written yet');
}

export async function* follow(_path: string, _signal: AbortSignal): AsyncGenerator<string> {
  throw new Error('not written yet');
}
