import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

import { type Clock, messageOf } from '@maestro/core';

export interface DockerRun {
  /** The program: `docker`, or where it is. */
  readonly docker: string;
  readonly args: readonly string[];
  /** Variables besides those of this process. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  readonly onErrorLine?: ((line: string) => void) | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface DockerExit {
  /** Null for a program that a signal ended. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** The program could not be started. */
export class NoDocker extends Error {}

// What it has begun in an engine it cancels when it is asked to end.
const graceMs = 10_000;

/**
 * Runs docker until it has ended, whatever happens. Throws `NoDocker`, the signal's reason, or what the input fails with.
 */
export async function runDocker(run: DockerRun): Promise<DockerExit> {
  const { docker, args, variables, input, onErrorLine, clock, signal } = run;
  signal.throwIfAborted();
  const child = spawn(docker, args, { env: { ...process.env, ...variables }, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close').catch((error: unknown) => {
    throw new NoDocker(messageOf(error), { cause: error });
  });
  const ended = new AbortController();
  const end = () => {
    child.kill('SIGTERM');
    clock.sleep(graceMs, ended.signal).then(
      () => {
        child.kill('SIGKILL');
        // Programs that it has started may hold them open still.
        child.stdout.destroy();
        child.stderr.destroy();
      },
      () => undefined,
    );
  };
  signal.addEventListener('abort', end, { once: true });

  let inputError: Error | undefined;
  // A program that does not read to the end has its reasons, which its exit code tells.
  child.stdin.on('error', () => undefined);
  const fed = feed(child.stdin, input ?? []).catch((error: unknown) => {
    inputError = error instanceof Error ? error : new Error(messageOf(error));
    // While its input is still open: the end of it would look like that of a whole one.
    end();
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  createInterface({ input: child.stderr }).on('line', (line) => onErrorLine?.(line));
  try {
    const [exitCode] = (await closed) as [number | null];
    await fed;
    signal.throwIfAborted();
    if (inputError !== undefined) throw inputError;
    return { exitCode, output: Buffer.concat(chunks).toString('utf8') };
  } finally {
    ended.abort();
    signal.removeEventListener('abort', end);
  }
}

/** Writes until the input ends or nobody reads it any more; leaves it open where the input fails. */
async function feed(stdin: Writable, input: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<void> {
  let wake: () => void = () => undefined;
  for (const event of ['drain', 'close']) {
    stdin.on(event, () => {
      wake();
    });
  }
  for await (const chunk of input) {
    if (!stdin.destroyed && !stdin.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
    if (stdin.destroyed) return;
  }
  stdin.end();
}
