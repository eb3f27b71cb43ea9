import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { type Clock, messageOf, withDeadline } from '@maestro/core';

import { gitFailed } from './git-commands.ts';

/** The contents of one object, in chunks. */
export interface ObjectContents {
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface GitObjectsOptions {
  /** Absolute path of the root of the working tree. */
  readonly root: string;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

const silenceMs = 60_000;

/**
 * The contents of git's objects one after the other, each to be read to its end before the next; never more than a few
 * chunks in memory, whatever their size. Throws `IMAGE_STORE_GIT_FAILED`.
 */
export async function* gitObjects(
  names: readonly string[],
  { root, clock, signal }: GitObjectsOptions,
): AsyncGenerator<ObjectContents, void, undefined> {
  if (names.length === 0) return;
  signal?.throwIfAborted();
  const child = spawn('git', ['-c', 'core.useReplaceRefs=false', 'cat-file', '--batch', '--buffer'], {
    cwd: root,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = (problem: string, cause?: unknown) =>
    gitFailed(root, 'cat-file --batch', new Error(problem, { cause }));
  const ended = once(child, 'close').catch((error: unknown) => {
    child.stdout.destroy(failed(messageOf(error), error));
  });
  // A git that does not read to the end says why by what it prints, or does not.
  child.stdin.on('error', () => undefined);
  child.stdin.end(names.map((name) => `${name}\n`).join(''));

  try {
    const bytes = new ByteReader(child.stdout, (work) =>
      withDeadline(() => work, { deadlineMs: silenceMs, clock, signal, onExpired: () => failed('it fell silent') }),
    );
    for (const name of names) {
      const header = await bytes.line();
      const [, type, size] = header.split(' ');
      if (type !== 'blob' || size === undefined) throw failed(`${name} is missing: the clone is damaged`);
      yield { sizeBytes: Number(size), chunks: bytes.take(Number(size)) };
      await bytes.line();
    }
  } finally {
    // A stream that nobody reads to its end keeps the process from closing.
    child.stdout.destroy();
    child.kill();
    await ended;
  }
}

/** Takes lines and lengths of bytes from a stream. */
class ByteReader {
  readonly #stream: AsyncIterator<Buffer, undefined>;
  readonly #wait: <T>(work: Promise<T>) => Promise<T>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, wait: <T>(work: Promise<T>) => Promise<T>) {
    this.#stream = (stream as AsyncIterable<Buffer, undefined>)[Symbol.asyncIterator]();
    this.#wait = wait;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf('\n');
      if (end !== -1) return this.#cut(end + 1).toString('latin1', 0, end);
      const more = await this.#read();
      if (more === undefined) return '';
      this.#pending = Buffer.concat([this.#pending, more]);
    }
  }

  async *take(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = length; left > 0;) {
      if (this.#pending.byteLength === 0) this.#pending = (await this.#read()) ?? Buffer.alloc(0);
      if (this.#pending.byteLength === 0) throw new Error(`git ended ${left} bytes too early`);
      const chunk = this.#cut(Math.min(left, this.#pending.byteLength));
      left -= chunk.byteLength;
      yield chunk;
    }
  }

  async #read(): Promise<Buffer | undefined> {
    const next = await this.#wait(this.#stream.next());
    return next.done === true ? undefined : next.value;
  }

  #cut(length: number): Buffer {
    const cut = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return cut;
  }
}
