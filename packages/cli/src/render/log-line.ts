import type { LogLine } from '@maestro/orchestrator';

import type { Style } from './style.ts';

export interface LogLineStyle extends Style {
  readonly timestamps: boolean;
}

/** A line of a log as it was printed, with the copy that printed it where that is not the first. */
export function renderLogLine({ at, replica, text }: LogLine, { colors, timestamps }: LogLineStyle): string {
  const time = !timestamps || at === null ? [] : [colors.dim(at.replace(/(\.\d{3})\d*Z$/, '$1Z'))];
  const copy = replica === 0 ? [] : [colors.dim(`#${replica}`)];
  return [...time, ...copy, text].join(' ');
}
