import { type Clock, poll } from '@maestro/core';

import type { BlueGreenEvent } from './events.ts';
import type { InstanceKey } from './ports/runtime.ts';
import type { InFlight, Router } from './ports/router.ts';

export interface DrainOptions extends InstanceKey {
  /** For requests. */
  readonly deadlineMs: number;
  /** For long-lived connections, such as WebSockets; as long as for requests by default. */
  readonly longLivedDeadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface DrainParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly emit: (event: BlueGreenEvent) => void;
}

const intervalMs = 25;

/** Waits until nothing is on its way through a slot, for each kind no longer than its deadline. */
export async function drainSlot(
  { router, clock, emit }: DrainParts,
  { service, slot, deadlineMs, longLivedDeadlineMs = deadlineMs, signal }: DrainOptions,
): Promise<{ readonly left: number }> {
  const start = clock.monotonic();
  let shown = '';
  const outcome = await poll<InFlight>({
    probe: async () => {
      const { requests, connections } = await router.inFlight({ service, slot });
      const open = `${requests} ${connections}`;
      if (requests + connections > 0 && open !== shown)
        emit({ type: 'draining', service, slot, requests, connections });
      shown = open;
      return { requests, connections };
    },
    accept: ({ requests, connections }) => {
      const elapsedMs = clock.monotonic() - start;
      return (requests === 0 || elapsedMs >= deadlineMs) && (connections === 0 || elapsedMs >= longLivedDeadlineMs);
    },
    intervalMs,
    deadlineMs: Math.max(deadlineMs, longLivedDeadlineMs),
    clock,
    signal,
  });
  const left = (outcome.value?.requests ?? 0) + (outcome.value?.connections ?? 0);
  emit({ type: 'drained', service, slot, cut: left, elapsedMs: Math.round(outcome.elapsedMs) });
  return { left };
}
