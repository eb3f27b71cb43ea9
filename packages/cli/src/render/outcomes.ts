import type { ReleaseOutcome, ReleaseRecord } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';

type Outcome = ReleaseOutcome | ReleaseRecord['outcome'];

/** Whether a release ended with the wanted version taking the traffic, or as it was asked to end. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome !== 'refused' && outcome !== 'restored';
}

export function outcomeColor(outcome: Outcome, colors: Colors): (text: string) => string {
  return isSuccess(outcome) ? colors.green : colors.red;
}
