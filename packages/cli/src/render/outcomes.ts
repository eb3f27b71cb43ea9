import type { ReleaseOutcome } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';

/** Whether a release ended with the wanted version taking the traffic, or as it was asked to end. */
export function isSuccess(outcome: ReleaseOutcome): boolean {
  return outcome !== 'refused' && outcome !== 'restored';
}

export function outcomeColor(outcome: ReleaseOutcome, colors: Colors): (text: string) => string {
  return isSuccess(outcome) ? colors.green : colors.red;
}
