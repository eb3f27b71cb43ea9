import type { Timed } from '@maestro/core';
import type { BatchEvent, CheckEvent, ImageEvent, PlanStep, ReleaseEvent, ScanEvent } from '@maestro/orchestrator';

import { shortDigest, shortImage } from './images.ts';
import { describeBatch, isBatchEvent } from './migration-events.ts';
import { type AnySecretsEvent, describeSecrets, isSecretsEvent } from './secrets-events.ts';
import { formatDuration, formatTimeOfDay } from './times.ts';

/** An event as one line of a log; null for what would only fill it, such as each part of a layer. */
export function renderEventLine(
  event: Timed<BatchEvent | CheckEvent | ImageEvent | ReleaseEvent | ScanEvent | AnySecretsEvent>,
): string | null {
  const line = lineOf(event);
  return line === null ? null : `${formatTimeOfDay(event.at)} ${line}`;
}

function lineOf(
  event: Timed<BatchEvent | CheckEvent | ImageEvent | ReleaseEvent | ScanEvent | AnySecretsEvent>,
): string | null {
  if (event.type === 'check-finished') return describeCheck(event);
  if (isBatchEvent(event)) return describeBatch(event);
  if (isSecretsEvent(event)) return describeSecrets(event);
  return isImageEvent(event) ? describeImage(event) : describe(event);
}

const allowanceProblems = {
  invalid: 'without a reason or a date, and does not count',
  expired: 'accepted no longer',
  unused: 'in no image any more',
} as const;

/** What is well is in the result. */
function describeCheck({ finding: { check, status } }: CheckEvent): string | null {
  return status === 'failed' || status === 'warning' ? `${check} … ${status}` : null;
}

function isImageEvent(event: Timed<ImageEvent | ReleaseEvent | ScanEvent>): event is Timed<ImageEvent | ScanEvent> {
  return event.type.startsWith('image-');
}

function describeImage(event: ImageEvent | ScanEvent): string | null {
  switch (event.type) {
    case 'image-build-started':
      return `build ${event.service} …`;
    case 'image-build-output':
      return `build ${event.service}: ${event.line}`;
    case 'image-build-finished':
      return `build ${event.service} … ${formatDuration(event.durationMs)}, ${shortDigest(event.digest)}`;
    case 'image-unchanged':
      return `build ${event.service}: unchanged, ${shortDigest(event.digest)}`;
    case 'image-copied':
      return `copy ${shortImage(event.repository)} … ${formatDuration(event.durationMs)}, ${shortDigest(event.digest)}`;
    case 'image-layer':
      return null;
    case 'image-scan-started':
      return `scan ${shortImage(event.repository)} …`;
    case 'image-scan-finished': {
      const { repository, durationMs, findings, refused, allowed } = event;
      const judged = `${findings} findings, ${refused} refused, ${allowed} accepted`;
      return `scan ${shortImage(repository)} … ${formatDuration(durationMs)}, ${judged}`;
    }
    case 'image-allowance':
      return `the accepted ${event.id} is ${allowanceProblems[event.problem]}`;
    case 'image-pushed':
      return `push ${shortImage(event.repository)}:${event.tag} … ${formatDuration(event.durationMs)}, ${shortDigest(event.digest)}`;
    case 'image-pulled':
      return `pull ${shortImage(event.repository)} … ${formatDuration(event.durationMs)}, ${shortDigest(event.digest)}`;
  }
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
