import type { Timed } from '@maestro/core';
import type { PlanStep, ReleaseEvent } from '@maestro/orchestrator';

import { formatDuration, formatTimeOfDay } from './times.ts';

/** An event as one line of a log. */
export function renderEventLine(event: Timed<ReleaseEvent>): string {
  return `${formatTimeOfDay(event.at)} ${describe(event)}`;
}

function describe(event: ReleaseEvent): string {
  switch (event.type) {
    case 'release-started':
      return `${event.kind} ${event.release} in ${event.environment}, ${event.steps.length} steps`;
    case 'step-started':
      return `${stepLabel(event.step)} …`;
    case 'step-progress':
      return `${event.stepId}: ${event.message}`;
    case 'step-finished':
      return `${stepLabel(event.step)} … ${formatDuration(event.durationMs)}`;
    case 'step-failed': {
      const { code, message } = event.error;
      return `${stepLabel(event.step)} … failed after ${formatDuration(event.durationMs)}: ${code}: ${message}`;
    }
    case 'release-finished':
      return `${event.outcome} after ${formatDuration(event.durationMs)}`;
  }
}

function stepLabel({ kind, service }: PlanStep): string {
  return service === undefined ? kind : `${kind} ${service}`;
}
