import { type Clock, isoTime, messageOf, reportError, withDeadline } from '@maestro/core';

import type { Context, ListedBenchmark } from './benchmark.ts';
import { openContext } from './context.ts';
import { BenchmarkError, cleanUpFailed, nothingMeasured, timeIsUp } from './errors.ts';
import { describeMachine } from './machine.ts';
import type { Figure, Samples } from './measure/figure.ts';
import type { MachineEvent, RunEvent, RunResult } from './run-events.ts';

export interface RunLimits {
  readonly quickMs: number;
  readonly fullMs: number;
  /** How long a benchmark that was stopped may take to finish what it is in the middle of. */
  readonly stopMs: number;
  /** For ending what it started. */
  readonly cleanUpMs: number;
}

export interface RunOptions {
  readonly listed: ListedBenchmark;
  readonly quick: boolean;
  readonly limits: RunLimits;
  readonly clock: Clock;
  /** Stops the run; its reason becomes the result's error. */
  readonly signal: AbortSignal;
  readonly report: (event: RunEvent) => void;
}

export interface RunOutcome {
  readonly result: RunResult;
  /** Of each figure of the result, in the same order. */
  readonly samples: readonly Samples[];
  /** What it ran on; undefined where it broke before that was known. */
  readonly machine: MachineEvent | undefined;
  /** When it began. */
  readonly at: string;
  readonly durationMs: number;
  /** All that went wrong, as it was thrown; the result holds the first. */
  readonly errors: readonly unknown[];
}

/** Runs a benchmark and ends what it started. Never rejects: what breaks is in the outcome. */
export async function runBenchmark(options: RunOptions): Promise<RunOutcome> {
  const { listed, quick, limits, clock, signal, report } = options;
  const figures: Figure[] = [];
  const samples: Samples[] = [];
  const broken: unknown[] = [];
  const at = isoTime(clock);
  const start = clock.monotonic();
  let machine: MachineEvent | undefined;
  const deadlineMs = quick ? limits.quickMs : limits.fullMs;
  const stack = new AsyncDisposableStack();
  let work: Promise<void> = Promise.resolve();

  try {
    await withDeadline(
      (stop) => {
        const onFigure = (figure: Figure, measured: Samples) => {
          figures.push(figure);
          samples.push(measured);
        };
        work = measure(listed, openContext({ quick, signal: stop, stack, report, onFigure }), (event) => {
          machine = event;
          report(event);
        });
        return work;
      },
      { deadlineMs, clock, signal, onExpired: () => timeIsUp(deadlineMs, quick) },
    );
    if (figures.length === 0) throw nothingMeasured(listed.name);
  } catch (error) {
    broken.push(error);
  }
  try {
    await cleanUp(options, { work, stack });
  } catch (error) {
    broken.push(error);
  }

  // Ctrl-C in a terminal ends the children too, and that may be noticed before its cause.
  const errors = [...new Set(signal.aborted ? [signal.reason, ...broken] : broken)];
  const durationMs = clock.monotonic() - start;
  return { result: resultOf(figures, errors), samples, machine, at, durationMs, errors };
}

async function measure(
  listed: ListedBenchmark,
  context: Context,
  onMachine: (event: MachineEvent) => void,
): Promise<void> {
  const { peers, run } = await listed.load();
  const versions: Record<string, string> = {};
  for (const [name, version] of Object.entries(peers)) versions[name] = await version();
  const machine = await describeMachine();
  context.signal.throwIfAborted();
  onMachine({ type: 'machine', benchmark: listed.name, quick: context.quick, ...machine, peers: versions });
  await run(context);
}

async function cleanUp(
  { limits, clock }: RunOptions,
  { work, stack }: { readonly work: Promise<void>; readonly stack: AsyncDisposableStack },
): Promise<void> {
  // What is being started at the moment of the abort can be ended only once it has been started.
  const settled = work.catch(() => undefined);
  await Promise.race([settled, clock.sleep(limits.stopMs)]);
  await withDeadline(() => stack.disposeAsync(), {
    deadlineMs: limits.cleanUpMs,
    clock,
    onExpired: () => cleanUpFailed(`not done after ${limits.cleanUpMs} ms`),
  }).catch((error: unknown) => {
    throw error instanceof BenchmarkError ? error : cleanUpFailed(messageOf(error), error);
  });
}

function resultOf(figures: readonly Figure[], errors: readonly unknown[]): RunResult {
  if (errors.length === 0) return { type: 'result', ok: figures.every(({ ok }) => ok), figures };
  const { code, message, hint } = reportError(errors[0]);
  return { type: 'result', ok: false, figures, error: { code, message, hint: hint ?? null } };
}
