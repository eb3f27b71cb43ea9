import { Writable } from 'node:stream';

export interface RecordedStreamOptions {
  readonly isTTY: boolean;
  /** 100 by default. */
  readonly columns?: number;
}

/** An output stream that keeps what was written to it. */
export class RecordedStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows = 40;
  text = '';

  constructor({ isTTY, columns = 100 }: RecordedStreamOptions) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}
