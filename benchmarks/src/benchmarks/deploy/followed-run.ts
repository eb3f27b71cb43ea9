import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

import { systemClock } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';

/** A run of the command line with `--json`, as it was seen from outside. */
export interface Followed {
  readonly elapsedMs: number;
  /** From its start until it said that the traffic was switched; null where it was not. */
  readonly switchedAfterMs: number | null;
  /** What it said of the time that its steps took, by their ids. */
  readonly stepsMs: ReadonlyMap<string, number>;
  readonly result: Readonly<Record<string, unknown>>;
}

interface Line {
  readonly type: string;
  readonly step?: { readonly id: string };
  readonly durationMs?: number;
  readonly ok?: boolean;
}

export interface FollowOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Throws `BENCH_WRONG_RESULT` where it fails. */
export async function followMaestro({ program, args, signal }: FollowOptions): Promise<Followed> {
  const start = systemClock.monotonic();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const ended = once(child, 'close');
  // It is waited for below; an interruption comes first there.
  ended.catch(() => undefined);
  const complaints = text(child.stderr);
  const stepsMs = new Map<string, number>();
  let switchedAfterMs: number | null = null;
  let result: Line = { type: 'none' };
  for await (const printed of createInterface(child.stdout)) {
    const line = JSON.parse(printed) as Line;
    if (line.type === 'result') result = line;
    if (line.type !== 'step-finished' || line.step === undefined) continue;
    stepsMs.set(line.step.id, line.durationMs ?? 0);
    if (line.step.id === 'switch') switchedAfterMs = systemClock.monotonic() - start;
  }
  await ended;
  signal?.throwIfAborted();
  const elapsedMs = systemClock.monotonic() - start;
  if (child.exitCode !== 0 || result.ok !== true) {
    throw new BenchmarkError('BENCH_WRONG_RESULT', `maestro ${args.join(' ')} failed: ${await complaints}`, {
      hint: `node ${program} ${args.join(' ')}`,
    });
  }
  return { elapsedMs, switchedAfterMs, stepsMs, result: { ...result } };
}
