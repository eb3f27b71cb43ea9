import type { SecretsEvent } from '@maestro/orchestrator';

import { formatDuration } from './times.ts';

export function isSecretsEvent(event: { readonly type: string }): event is SecretsEvent {
  return event.type.startsWith('secret');
}

/** Progress with secrets as a line. */
export function describeSecrets(event: SecretsEvent): string {
  switch (event.type) {
    case 'secrets-fetching':
      return `fetch ${event.names.length} secrets of ${event.store} …`;
    case 'secrets-prepared':
      return `fetch ${event.names.length} secrets of ${event.store} … ${formatDuration(event.durationMs)}`;
    case 'secret-uploaded':
      return `${event.change} ${event.name}`;
  }
}
