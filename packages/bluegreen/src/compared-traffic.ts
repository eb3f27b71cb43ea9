import type { Comparison } from './plan/judge.ts';
import { noTraffic, sumOf } from './plan/slot-traffic.ts';
import { blocksOf, type Halves, latestSpans, type Span } from './plan/spans.ts';
import type { InstanceKey } from './ports/runtime.ts';
import type { SlotTraffic, TrafficSource } from './ports/traffic.ts';

export interface ComparedOptions extends InstanceKey {
  readonly traffic: TrafficSource;
  /** The slot of the version before; null where there was none. */
  readonly before: InstanceKey['slot'] | null;
  /** What the version before is known by: what it answers at the same time, or what it answered before the switch. */
  readonly compareWith: 'same-time' | 'time-before';
  /** When the new version got its traffic, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** So long its latency says nothing. */
  readonly warmUpMs: number;
}

// What was answered just now may not be counted yet.
const behindMs = 2_000;
// How far back the version before is looked at: no further than it takes for enough requests.
const historiesMs = [60_000, 600_000];
const enoughRequests = 10_000;

/** Reads what a new version and the one before it answered, no minute twice: at a thousand requests a second it is much. */
export class ComparedTraffic {
  readonly #options: ComparedOptions;
  readonly #blocks = new Map<string, SlotTraffic>();
  #history: SlotTraffic | null = null;

  constructor(options: ComparedOptions) {
    this.#options = options;
  }

  /** Spans of time until now, each in halves. */
  async until(nowMs: number, signal: AbortSignal): Promise<readonly Halves<Comparison>[]> {
    const { slot, sinceMs, warmUpMs } = this.#options;
    const settledMs = Math.max(sinceMs, nowMs - behindMs);
    const warmMs = sinceMs + warmUpMs;
    const compare = async (spans: readonly Span[], read: (of: typeof slot, span: Span) => Promise<SlotTraffic>) => {
      const [next, before] = await Promise.all([
        Promise.all(spans.map((span) => read(slot, span))),
        this.#before(spans, read, signal),
      ]);
      return { next: sumOf(next), before, warm: spans.every((span) => span.sinceMs >= warmMs) };
    };
    const halves = async ([first, second]: Halves<readonly Span[]>, read: Parameters<typeof compare>[1]) =>
      Promise.all([compare(first, read), compare(second, read)]);

    const latest = latestSpans({ sinceMs, untilMs: settledMs });
    const blocks = blocksOf({ sinceMs: warmMs, untilMs: settledMs });
    return Promise.all([
      ...latest.map(([first, second]) => halves([[first], [second]], (of, span) => this.#read(of, span, signal))),
      ...(blocks === null ? [] : [halves(blocks, (of, block) => this.#block(of, block, signal))]),
    ]);
  }

  async #before(
    spans: readonly Span[],
    read: (of: InstanceKey['slot'], span: Span) => Promise<SlotTraffic>,
    signal: AbortSignal,
  ): Promise<SlotTraffic> {
    const { before, compareWith } = this.#options;
    if (before === null) return noTraffic;
    if (compareWith === 'time-before') return (this.#history ??= await this.#readHistory(before, signal));
    return sumOf(await Promise.all(spans.map((span) => read(before, span))));
  }

  async #readHistory(before: InstanceKey['slot'], signal: AbortSignal): Promise<SlotTraffic> {
    const { sinceMs } = this.#options;
    let seen = noTraffic;
    for (const lengthMs of historiesMs) {
      if (seen.requests >= enoughRequests) break;
      seen = await this.#read(before, { sinceMs: sinceMs - lengthMs, untilMs: sinceMs }, signal);
    }
    return seen;
  }

  async #block(slot: InstanceKey['slot'], block: Span, signal: AbortSignal): Promise<SlotTraffic> {
    const name = `${slot} ${block.sinceMs}`;
    const known = this.#blocks.get(name) ?? (await this.#read(slot, block, signal));
    this.#blocks.set(name, known);
    return known;
  }

  #read(slot: InstanceKey['slot'], span: Span, signal: AbortSignal): Promise<SlotTraffic> {
    const { service, traffic } = this.#options;
    return traffic.of({ service, slot, ...span }, { signal });
  }
}
