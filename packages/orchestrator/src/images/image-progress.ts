import type { ImageEvent, ScanEvent } from '@maestro/image-store';

/** A line about what happens to an image of a release; null for what would only fill the log. */
export function imageProgress(event: ImageEvent | ScanEvent): string | null {
  switch (event.type) {
    case 'image-build-started':
      return `${event.service}: building …`;
    case 'image-build-output':
      return `${event.service}: ${event.line}`;
    case 'image-build-finished':
      return `${event.service}: built in ${Math.round(event.durationMs)} ms`;
    case 'image-pushed':
      return `${event.repository}:${event.tag} was pushed`;
    case 'image-pulled':
      return `${event.repository} was pulled`;
    case 'image-scan-finished':
      return `${event.repository}: ${event.findings} findings, ${event.refused} refused, ${event.allowed} accepted`;
    case 'image-allowance':
      return `the accepted ${event.id} is ${event.problem}`;
    case 'image-unchanged':
    case 'image-copied':
    case 'image-layer':
    case 'image-scan-started':
      return null;
  }
}
