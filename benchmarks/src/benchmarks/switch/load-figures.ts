import type { Context } from '../../benchmark.ts';
import type { LoadReport } from './load/load-counts.ts';
import { say } from './place.ts';

/** Records what came of a load, the failures by their kinds; `during` is what was done meanwhile. */
export function recordLoad(
  { record }: Pick<Context, 'record'>,
  options: {
    readonly during: string;
    readonly load: LoadReport;
    /** What may not happen at all; the rest is only shown. */
    readonly none: readonly ('failed' | 'turned away')[];
  },
): void {
  const { during, load, none } = options;
  const unit = 'requests';
  const counted = { unit, statistic: 'sum' } as const;
  record({ ...counted, name: `${during}: requests`, samples: [load.requests] });
  for (const [what, count] of [
    ['failed', load.failed],
    ['turned away', load.turnedAway],
  ] as const) {
    const bar = none.includes(what) ? ({ of: 'value', atMost: 0 } as const) : undefined;
    record({ ...counted, name: `${during}: ${what}`, samples: [count], bar });
  }
  for (const [kind, count] of inOrder(load.failures)) {
    record({ ...counted, name: `${during}: failed, ${kind}`, samples: [count] });
  }
  for (const [kind, { requests, failed }] of inOrder(load.kinds)) {
    say(`${during}: ${kind}: ${requests} requests, ${failed} failed`);
  }
}

function inOrder<T>(by: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(by).sort(([a], [b]) => (a < b ? -1 : 1));
}
