import type { PairOptions, RecordOptions } from '../benchmark.ts';
import { describeBar, meetsBar } from './bar.ts';
import { requireFinite } from './finite.ts';
import type { PairedRound } from './pair.ts';
import { median, type Spread, spreadOf, type Statistic, statistics } from './statistics.ts';

/** One measured thing in a result. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Such as `ratio >= 0.9`. */
  readonly bar: string | null;
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** The median of the rounds' ratios, ours by the peer's; not the ratio of the two medians. */
  readonly ratio: number | null;
  readonly ok: boolean;
  /** What `value` is of its samples; those of a figure with a peer are its rounds. */
  readonly statistic: Statistic;
  readonly samples: number;
  readonly spread: Spread;
  readonly peerSpread: Spread | null;
  readonly ratioSpread: Spread | null;
}

/** What was measured, in the order in which it was. */
export interface Samples {
  readonly ours: readonly number[];
  /** Each of the same round; null where there is no peer. */
  readonly peer: readonly number[] | null;
}

export function pairedFigure(
  { name, unit, peer, bar }: Pick<PairOptions, 'name' | 'unit' | 'peer' | 'bar'>,
  rounds: readonly PairedRound[],
): Figure {
  const ours = rounds.map((round) => round.ours);
  const theirs = rounds.map((round) => round.peer);
  const ratios = requireFinite(
    name,
    rounds.map((round) => round.ratio),
  );
  const value = median(ours);
  const ratio = median(ratios);
  return {
    name,
    value,
    unit,
    bar: bar === undefined ? null : describeBar(bar),
    peer: { name: peer.name, value: median(theirs) },
    ratio,
    ok: bar === undefined || meetsBar(bar, bar.of === 'ratio' ? ratio : value),
    statistic: 'median',
    samples: rounds.length,
    spread: spreadOf(ours),
    peerSpread: spreadOf(theirs),
    ratioSpread: spreadOf(ratios),
  };
}

export function recordedFigure({ name, unit, samples, statistic, bar }: RecordOptions): Figure {
  const value = statistics[statistic](requireFinite(name, samples));
  return {
    name,
    value,
    unit,
    bar: bar === undefined ? null : describeBar(bar),
    peer: null,
    ratio: null,
    ok: bar === undefined || meetsBar(bar, value),
    statistic,
    samples: samples.length,
    spread: spreadOf(samples),
    peerSpread: null,
    ratioSpread: null,
  };
}
