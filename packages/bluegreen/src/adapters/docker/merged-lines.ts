import type { PrintedLine } from './container-output.ts';

/** A line and the container that printed it. */
export interface Ordered extends PrintedLine {
  readonly id: string;
  readonly replica: number;
}

/** Several logs as one, by the times of their lines. */
export async function* inOrder(logs: readonly AsyncGenerator<Ordered>[]): AsyncGenerator<Ordered> {
  let heads = await Promise.all(logs.map(async (log) => ({ log, next: await log.next() })));
  for (;;) {
    heads = heads.filter(({ next }) => next.done !== true);
    const [first] = heads.toSorted((a, b) => compare(a.next.value as Ordered, b.next.value as Ordered));
    if (first === undefined) return;
    yield first.next.value as Ordered;
    first.next = await first.log.next();
  }
}

/** Several logs as one, each line as soon as it comes. */
export async function* asTheyCome(logs: readonly AsyncGenerator<Ordered>[]): AsyncGenerator<Ordered> {
  const waiting = new Map(logs.map((log) => [log, nextOf(log)]));
  while (waiting.size > 0) {
    const { log, next } = await Promise.race(waiting.values());
    if (next.done === true) {
      waiting.delete(log);
    } else {
      waiting.set(log, nextOf(log));
      yield next.value;
    }
  }
}

function nextOf(log: AsyncGenerator<Ordered>) {
  const pending = log.next().then((next) => ({ log, next }));
  // Nobody waits for it any more where reading has stopped.
  pending.catch(() => undefined);
  return pending;
}

function compare(a: PrintedLine, b: PrintedLine): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}
