import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { type Clock, systemClock } from '@maestro/core';

import { commandNotStarted } from '../errors.ts';
import { createScrubber, type Scrubber } from '../scrubber.ts';
import { childEnvironment, type Variables } from './child-environment.ts';
import { ForwardedSignals } from './forwarded-signals.ts';
import type { EndedCommand, RunWithSecretsOptions } from './run-with-secrets.ts';

const killAfterMs = 10_000;

/** What `runWithSecrets` does. */
export async function runChild(options: RunWithSecretsOptions): Promise<EndedCommand> {
  const { secrets, redactOutput = false, signal } = options;
  const { inherited = process.env, withhold = [], pass = [], clock = systemClock } = options;
  signal?.throwIfAborted();
  const env = childEnvironment({ inherited, secrets, withhold, pass });
  using signals = new ForwardedSignals();
  const child = await started(options, { env, isPiped: redactOutput, signals });
  const ended = new Promise<void>((resolve) => {
    child.once(redactOutput ? 'close' : 'exit', () => {
      resolve();
    });
  });
  const output = redactOutput ? scrubbed(child, createScrubber(Object.values(secrets))) : undefined;
  await untilEnded(child, ended, { signal, clock });
  await output;
  signal?.throwIfAborted();
  return outcomeOf(child);
}

/** Neither `spawn`'s own error nor its message is passed on: they hold the arguments. */
async function started(
  { command, args = [] }: RunWithSecretsOptions,
  { env, isPiped, signals }: { readonly env: Variables; readonly isPiped: boolean; readonly signals: ForwardedSignals },
): Promise<ChildProcess> {
  try {
    const output = isPiped ? 'pipe' : 'inherit';
    const child = spawn(command, args, { env, stdio: ['inherit', output, output] });
    signals.to(child);
    await once(child, 'spawn');
    // What fails later, such as a signal that may not be sent, is no reason to lose sight of it.
    child.on('error', () => undefined);
    return child;
  } catch (error) {
    throw commandNotStarted(command, problemOf(error));
  }
}

function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  if (code === 'ENOENT') return 'there is no such program';
  if (code === 'EACCES') return 'it may not be run';
  if (code === 'E2BIG') return 'its arguments and variables are longer than the system takes';
  return code;
}

async function untilEnded(
  child: ChildProcess,
  ended: Promise<unknown>,
  { signal, clock }: { readonly signal: AbortSignal | undefined; readonly clock: Clock },
): Promise<void> {
  const over = new AbortController();
  const stop = () => {
    child.kill('SIGTERM');
    clock.sleep(killAfterMs, over.signal).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    await ended;
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
  }
}

async function scrubbed({ stdout, stderr }: ChildProcess, scrubber: Scrubber): Promise<void> {
  const pass = async (from: Readable | null, to: Writable) => {
    if (from === null) return;
    await pipeline(from, scrubber.scrubStream(), to, { end: false }).catch((error: unknown) => {
      // A reader that went away, such as `head`: the command is told so by its next write.
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    });
  };
  await Promise.all([pass(stdout, process.stdout), pass(stderr, process.stderr)]);
}

function outcomeOf({ exitCode, signalCode }: ChildProcess): EndedCommand {
  if (signalCode === null) return { exitCode: exitCode ?? 0, signal: null };
  return { exitCode: 128 + constants.signals[signalCode], signal: signalCode };
}
