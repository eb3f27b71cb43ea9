import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from './clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError; callers of a Clock see what they aborted with.
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    }
  },
};
