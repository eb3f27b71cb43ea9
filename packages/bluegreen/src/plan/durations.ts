import type { DurationCount } from '../ports/traffic.ts';
import type { Sample } from './rate-bounds.ts';

/** From 1 ms to more than a minute, each a fifth longer than the one before: fine enough to tell 100 ms from 120 ms. */
const boundsMs: readonly number[] = [...Array.from({ length: 62 }, (_, step) => 1.2 ** step), Infinity];

/** Counts times in milliseconds by bounds that are the same for every count. */
export function countDurations(timesMs: Iterable<number>): readonly DurationCount[] {
  const counts = boundsMs.map(() => 0);
  for (const timeMs of timesMs) {
    const index = boundOf(timeMs);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return boundsMs.map((upToMs, index) => ({ upToMs, requests: counts[index] ?? 0 }));
}

/** The bound below which a share of the requests stays, such as 0.95 of them; null where there are none. */
export function quantileOf(durations: readonly DurationCount[], share: number): number | null {
  const total = durations.reduce((sum, { requests }) => sum + requests, 0);
  if (total === 0) return null;
  let counted = 0;
  for (const { upToMs, requests } of durations) {
    counted += requests;
    if (counted >= share * total) return upToMs;
  }
  return null;
}

/** How many requests took longer than a time; those in the same count as the time are not among them. */
export function slowerThan(durations: readonly DurationCount[], timeMs: number): Sample {
  const total = durations.reduce((sum, { requests }) => sum + requests, 0);
  const bound = durations.findIndex(({ upToMs }) => upToMs >= timeMs);
  const fast = durations.slice(0, bound + 1).reduce((sum, { requests }) => sum + requests, 0);
  return { count: total - fast, total };
}

/** The first bound that is not below a time, by halving the search. */
function boundOf(timeMs: number): number {
  let [low, high] = [0, boundsMs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundsMs[middle] ?? Infinity) >= timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
