import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Machine } from '../machine.ts';
import type { Figure, Samples } from '../measure/figure.ts';
import type { RunOutcome } from '../run-benchmark.ts';
import { resultsText } from './results-text.ts';

/** A run of a benchmark as it is kept: all that its page needs. */
export interface StoredRun {
  readonly benchmark: string;
  /** When it began. */
  readonly at: string;
  readonly durationMs: number | null;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Versions of what is compared with. */
  readonly peers: Readonly<Record<string, string>>;
  readonly figures: readonly StoredFigure[];
}

export interface StoredFigure extends Omit<Figure, 'samples'> {
  /** Null where only the figure has come down to us. */
  readonly samples: Samples | null;
}

/** What is kept of a run; undefined where it did not come to its end, whose figures are not those of the benchmark. */
export function storedRun(outcome: Omit<RunOutcome, 'errors'>): StoredRun | undefined {
  const { result, samples, at, durationMs } = outcome;
  if (outcome.machine === undefined || result.error !== undefined) return undefined;
  const { benchmark, quick, peers } = outcome.machine;
  const machine = machineOf(outcome.machine);
  const figures = result.figures.map((figure, index) => ({ ...figure, samples: samples[index] ?? null }));
  return { benchmark, at, durationMs: Math.round(durationMs), quick, machine, peers, figures };
}

/** What an event holds of the machine alone. */
function machineOf({ platform, arch, cores, cpu, memoryBytes, load, node, commit, dirty }: Machine): Machine {
  return { platform, arch, cores, cpu, memoryBytes, load, node, commit, dirty };
}

/** Writes it over the one before, and says where. */
export async function storeRun(folder: string, run: StoredRun): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${run.benchmark}.json`);
  await writeFile(path, resultsText(run));
  return path;
}

/** The newest run of a benchmark; undefined where none is kept. */
export async function readStoredRun(folder: string, benchmark: string): Promise<StoredRun | undefined> {
  const path = join(folder, `${benchmark}.json`);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as StoredRun);
}
