import type { Clock } from '@maestro/core';

import type { ReleaseEvent } from './events.ts';

/** What every step of a release gets. */
export interface ReleaseContext {
  readonly emit: (event: ReleaseEvent) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Does `work` and says that it begins and how long it took. */
export async function step<T>({ emit, clock }: ReleaseContext, title: string, work: () => Promise<T>): Promise<T> {
  emit({ type: 'step-started', title });
  const start = clock.monotonic();
  const value = await work();
  emit({ type: 'step-finished', title, durationMs: Math.round(clock.monotonic() - start) });
  return value;
}
