import type { RatioBar, ValueBar } from './measure/bar.ts';
import type { Statistic } from './measure/statistics.ts';

/** A benchmark by its name; its module is loaded only when it is run. */
export interface ListedBenchmark {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly load: () => Promise<Benchmark>;
}

export interface Benchmark {
  /** What it compares with, and how to find out the version that is installed. */
  readonly peers: Readonly<Record<string, () => Promise<string>>>;
  readonly run: (context: Context) => Promise<void>;
}

/** What a benchmark is given to run with. */
export interface Context {
  /** Whether everything together has to fit into two minutes. */
  readonly quick: boolean;
  /** Aborts when the time is up or somebody pressed Ctrl-C. */
  readonly signal: AbortSignal;
  /** Ends what the benchmark starts, last first, however the run ends. Put the end on it before starting. */
  readonly stack: AsyncDisposableStack;
  /** Measures ours and a peer by turns. Throws `BENCH_NOT_A_NUMBER`. */
  readonly pair: (options: PairOptions) => Promise<void>;
  /** Adds a figure that has no peer. Throws `BENCH_NOT_A_NUMBER`. */
  readonly record: (options: RecordOptions) => void;
}

export interface PairOptions {
  readonly name: string;
  readonly unit: string;
  /** An even number lets both go first equally often. */
  readonly rounds: number;
  /** Whether each is measured once before without counting; by default it is. What takes many seconds can do without. */
  readonly warmUp?: boolean | undefined;
  readonly ours: () => Promise<number>;
  readonly peer: { readonly name: string; readonly measure: () => Promise<number> };
  readonly bar?: RatioBar | ValueBar | undefined;
}

export interface RecordOptions {
  readonly name: string;
  readonly unit: string;
  readonly samples: readonly number[];
  /** What the figure says of its samples. */
  readonly statistic: Statistic;
  readonly bar?: ValueBar | undefined;
}
