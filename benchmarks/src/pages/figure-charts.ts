import type { Samples } from '../measure/figure.ts';
import { quantile } from '../measure/statistics.ts';
import type { StoredFigure } from '../results/stored-run.ts';
import { barChart, lineChart } from './chart.ts';

/** Of fewer samples the spread in the table says as much. */
const fewestSamples = 8;
const shares = Array.from({ length: 51 }, (_, index) => index * 2);

interface Limit {
  readonly of: 'value' | 'ratio';
  readonly atMost: boolean;
  readonly limit: number;
}

/** How much of what its bar allows each figure takes; none for bars at 0, which are met or not. */
export function sharesOfBars(figures: readonly StoredFigure[]): string {
  const bars = figures.flatMap((figure) => {
    const share = shareOfBar(figure);
    return share === undefined ? [] : [{ name: figure.name, value: share * 100 }];
  });
  if (bars.length < 2) return '';
  return barChart({ title: 'Share of what the bar allows; above 100 it is missed', axis: '%', bars });
}

/** 1 is exactly at the bar, more is beyond it. */
function shareOfBar({ bar, value, ratio }: StoredFigure): number | undefined {
  const { of, atMost, limit } = limitOf(bar) ?? {};
  const measured = of === 'ratio' ? ratio : value;
  if (limit === undefined || limit === 0 || measured === null || measured === 0) return undefined;
  return atMost === true ? measured / limit : limit / measured;
}

/** The samples of the figures that are nearest to their bars, or beyond them. */
export function samplesNearBars(figures: readonly StoredFigure[], count: number): readonly string[] {
  return figures
    .map((figure) => ({ share: shareOfBar(figure), chart: samplesChart(figure) }))
    .filter(({ share, chart }) => share !== undefined && chart !== undefined)
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0))
    .slice(0, count)
    .flatMap(({ chart }) => chart ?? []);
}

function samplesChart(figure: StoredFigure): string | undefined {
  const { samples } = figure;
  if (samples === null || samples.ours.length < fewestSamples || figure.spread.min === figure.spread.max)
    return undefined;
  return figure.statistic === 'median' ? roundsChart(figure, samples) : quantilesChart(figure, samples);
}

/** In the order in which they were measured, beside the bar. */
function roundsChart({ name, unit, bar, peer }: StoredFigure, { ours, peer: theirs }: Samples): string {
  const limit = limitOf(bar);
  const ofRatio = limit?.of === 'ratio' && theirs !== null && peer !== null;
  const points = ofRatio ? ours.map((value, index) => value / (theirs[index] ?? Number.NaN)) : ours;
  return lineChart({
    title: `${name}: each round${limit === undefined ? '' : `, and the bar`}`,
    x: { axis: 'round', from: 1, to: points.length },
    axis: ofRatio ? `ours by ${peer.name}` : unit,
    lines: [points, ...barLine(limit, points)],
  });
}

/** How many of the samples are at or below a value. */
function quantilesChart({ name, unit, bar }: StoredFigure, { ours }: Samples): string {
  const points = shares.map((share) => quantile(ours, share / 100));
  return lineChart({
    title: `${name}: all ${ours.length} samples`,
    x: { axis: '% of the samples that are at or below', from: 0, to: 100 },
    axis: unit,
    lines: [points, ...barLine(limitOf(bar), points)],
  });
}

/** Left out where it is so far away that the samples would be a flat line. */
function barLine(limit: Limit | undefined, points: readonly number[]): readonly (readonly number[])[] {
  if (limit === undefined || limit.limit > 3 * Math.max(...points)) return [];
  return [points.map(() => limit.limit)];
}

/** Reads what `describeBar` says. */
function limitOf(bar: string | null): Limit | undefined {
  const [, of, sign, limit] = /^(value|ratio) (<=|>=) (\S+)$/.exec(bar ?? '') ?? [];
  if (limit === undefined) return undefined;
  return { of: of === 'ratio' ? 'ratio' : 'value', atMost: sign === '<=', limit: Number(limit) };
}
