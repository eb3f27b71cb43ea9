import type { Clock } from './clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    // Loaded here: an import would cost every process that loads this package, and Node has it already.
    const { setTimeout: delay } = process.getBuiltinModule('node:timers/promises');
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError; callers of a Clock see what they aborted with.
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    }
  },
};
