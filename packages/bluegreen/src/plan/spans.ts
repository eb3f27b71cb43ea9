/** From one time to another, in milliseconds since 1970. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The two halves of a span of time, the earlier one first. */
export type Halves<T = Span> = readonly [T, T];

export interface Moment {
  /** When the new version got its traffic. */
  readonly sinceMs: number;
  /** Until when all that was answered has been counted. */
  readonly untilMs: number;
}

/** The shortest span that is looked at by itself. */
export const shortestMs = 6_000;
const shortMs = [shortestMs, 30_000];
const wholeMs = 60_000;
const blockMs = 30_000;
const keptBlocks = 10;

/** The latest seconds, in which a failure shows soon; at the beginning all of the time there is. */
export function latestSpans({ sinceMs, untilMs }: Moment): readonly Halves[] {
  const elapsedMs = untilMs - sinceMs;
  const lengths = shortMs.filter((lengthMs) => lengthMs < elapsedMs);
  return (elapsedMs <= wholeMs ? [...lengths, elapsedMs] : lengths).map((lengthMs) => {
    const middleMs = untilMs - lengthMs / 2;
    return [
      { sinceMs: untilMs - lengthMs, untilMs: middleMs },
      { sinceMs: middleMs, untilMs },
    ];
  });
}

/**
 * The last minutes, in which a rare failure shows at all, in blocks that do not move: each need be read only once. None
 * before there are two of them.
 */
export function blocksOf({ sinceMs, untilMs }: Moment): Halves<readonly Span[]> | null {
  const count = Math.floor((untilMs - sinceMs) / blockMs);
  if (count < 2) return null;
  const numbers = Array.from({ length: Math.min(count, keptBlocks) }, (_, index) => count - 1 - index).reverse();
  const blocks = numbers.map((number) => ({
    sinceMs: sinceMs + number * blockMs,
    untilMs: sinceMs + (number + 1) * blockMs,
  }));
  const middle = Math.ceil(blocks.length / 2);
  return [blocks.slice(0, middle), blocks.slice(middle)];
}
