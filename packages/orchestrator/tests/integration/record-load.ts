import { recordFaults } from '@maestro/services/faults';

import type { Load } from './load.ts';

/** Records what a load saw while something was done that must cost nobody a request. */
export function recordLoad(
  { answers, failed }: Load,
  { fault, times }: { readonly fault: string; readonly times: number },
): void {
  recordFaults({
    promised: 'no request is dropped',
    fault,
    times,
    checked: { requests: [...answers.values()].reduce((sum, count) => sum + count, failed.length) },
    wrong: { 'failed requests': failed.length },
  });
}
