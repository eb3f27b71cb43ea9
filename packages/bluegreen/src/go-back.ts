import { withDeadline } from '@maestro/core';

import { BlueGreenError } from './errors.ts';
import type { Generation } from './plan/generation.ts';
import type { SwitchRequest } from './ports/router.ts';
import type { WatchParts } from './watch.ts';

const deadlineMs = 10_000;

/** Switches back, whatever aborted the work before. */
export function goBack(
  { router, clock, emit }: WatchParts,
  services: readonly string[],
  request: SwitchRequest,
): Promise<Generation> {
  return withDeadline(
    async () => {
      const { generation } = await router.switchTo(request);
      emit({ type: 'switched-back', services, generation: generation.number });
      return generation;
    },
    {
      deadlineMs,
      clock,
      onExpired: () =>
        new BlueGreenError('BLUEGREEN_SWITCH_BACK_FAILED', `switching back took longer than ${deadlineMs} ms`, {
          hint: 'maestro rollback',
        }),
    },
  );
}
