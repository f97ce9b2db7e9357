/** Chunks of any size, handed out in the sizes that a reader asks for. Holds one chunk at a time. */
export class ByteSource {
  /** Bytes handed out so far. */
  position = 0;
  private chunk: Buffer = Buffer.alloc(0);
  private readonly chunks: AsyncIterator<Buffer>;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly that many bytes, or null when there are not as many left. */
  async take(bytes: number): Promise<Buffer | null> {
    const pieces: Buffer[] = [];
    for (let left = bytes; left > 0;) {
      const piece = await this.some(left);
      if (piece === null) return null;
      left -= piece.length;
      pieces.push(piece);
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  /** Between one byte and that many, or null at the end. */
  async some(most: number): Promise<Buffer | null> {
    while (this.chunk.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return null;
      this.chunk = next.value;
    }
    const piece = this.chunk.subarray(0, most);
    this.chunk = this.chunk.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** Throws away what lies before a position. False when the end comes first. */
  async skipTo(position: number): Promise<boolean> {
    while (this.position < position) if ((await this.some(position - this.position)) === null) return false;
    return true;
  }

  /** Lets go of where the chunks come from. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}
