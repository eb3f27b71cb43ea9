import { relative } from 'node:path';
import { inspect, parseArgs } from 'node:util';

import { isMaestroError, isoTime, messageOf, systemClock } from '@maestro/core';

import type { ListedBenchmark } from './benchmark.ts';
import { BenchmarkError } from './errors.ts';
import { jsonLine } from './report/json.ts';
import { plainText } from './report/plain.ts';
import { storedRun, storeRun } from './results/stored-run.ts';
import { runBenchmark, type RunLimits, type RunOutcome } from './run-benchmark.ts';
import type { RunEvent } from './run-events.ts';

export interface CommandLineOptions {
  readonly args: readonly string[];
  readonly benchmarks: readonly ListedBenchmark[];
  readonly limits: RunLimits;
  /** Where runs are kept. */
  readonly results: string;
}

interface Wanted {
  readonly listed: ListedBenchmark;
  readonly quick: boolean;
  readonly json: boolean;
  readonly save: boolean;
}

/**
 * Runs what the arguments ask for and ends the process: 0 every bar is met, 1 one is missed or the benchmark broke,
 * 2 wrong usage, 130 interrupted.
 */
export async function runCommandLine({ args, benchmarks, limits, results }: CommandLineOptions): Promise<void> {
  const wanted = readArguments(args, benchmarks);
  const code = typeof wanted === 'string' ? refuse(wanted, benchmarks) : await run(wanted, { limits, results });
  // A benchmark that did not stop when it was told to may hold the event loop open for ever.
  process.stdout.write('', () => process.exit(code));
}

/** What is wanted, or what is wrong with it. */
function readArguments(args: readonly string[], benchmarks: readonly ListedBenchmark[]): Wanted | string {
  const flag = { type: 'boolean', default: false } as const;
  const options = { quick: flag, json: flag, save: flag };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name, ...others] = positionals;
    if (name === undefined) return 'which benchmark?';
    if (others.length > 0) return `one benchmark at a time, they disturb each other: ${positionals.join(', ')}`;
    const listed = benchmarks.find((benchmark) => benchmark.name === name);
    return listed === undefined ? `there is no benchmark "${name}"` : { listed, ...values };
  } catch (error) {
    return messageOf(error);
  }
}

function refuse(problem: string, benchmarks: readonly ListedBenchmark[]): number {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  const list = benchmarks.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const usage = [
    'usage: npm run bench -- <name> [--quick] [--json] [--save]',
    '       npm run bench -- faults [<part of the path of a test> …]',
  ];
  say([problem, ...usage, ...list].join('\n'));
  return 2;
}

async function run(
  wanted: Wanted,
  { limits, results }: Pick<CommandLineOptions, 'limits' | 'results'>,
): Promise<number> {
  const { listed, quick, json, save } = wanted;
  const report = json ? reportJson : reportPlainly;
  const signal = stopSignal();
  const outcome = await runBenchmark({ listed, quick, limits, clock: systemClock, signal, report });
  const { result, errors } = outcome;
  report(result);
  sayMore(errors);
  if (save) say(await keep(outcome, results));
  if (isMaestroError(signal.reason, 'BENCH_INTERRUPTED')) return 130;
  return result.ok ? 0 : 1;
}

/** Keeps a run for the page of figures, whether it meets its bars or not, and says what became of it. */
async function keep(outcome: RunOutcome, results: string): Promise<string> {
  const run = storedRun(outcome);
  if (run === undefined) return 'not kept: it did not come to its end';
  const path = relative(process.cwd(), await storeRun(results, run));
  return `kept in ${path}; npm run docs writes it into docs/benchmarks.md`;
}

/** Aborts on Ctrl-C, and on an error that nobody caught: also then what was started has to be ended. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // A second one changes nothing: npm passes Ctrl-C on although the terminal has sent it here already.
    process.on(signal, () => {
      stop.abort(new BenchmarkError('BENCH_INTERRUPTED', `stopped by ${signal}`));
    });
  }
  process.on('uncaughtException', (error) => {
    stop.abort(error);
  });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away, such as `head`, is no reason to leave things running.
    if (error.code !== 'EPIPE') throw error;
  });
  return stop.signal;
}

function reportJson(event: RunEvent): void {
  process.stdout.write(`${jsonLine(event, isoTime(systemClock))}\n`);
}

function reportPlainly(event: RunEvent): void {
  const text = plainText(event);
  if (event.type === 'result') process.stdout.write(`${text}\n`);
  else say(text);
}

/** The errors that the result does not hold, and the stacks of those that nobody expected. */
function sayMore(errors: RunOutcome['errors']): void {
  errors.forEach((error, index) => {
    if (index > 0 || !isMaestroError(error)) say(inspect(error));
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
