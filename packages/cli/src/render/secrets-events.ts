import type { ContainerSecretsEvent, RotationEvent, SecretsEvent } from '@maestro/orchestrator';

import { formatDuration } from './times.ts';

/** Progress with secrets of every kind. */
export type AnySecretsEvent = ContainerSecretsEvent | RotationEvent | SecretsEvent;

export function isSecretsEvent(event: { readonly type: string }): event is AnySecretsEvent {
  return event.type.startsWith('secret') || event.type.startsWith('rotation-');
}

/** Progress with secrets as a line. */
export function describeSecrets(event: AnySecretsEvent): string {
  switch (event.type) {
    case 'secrets-fetching':
      return `fetch ${event.names.length} secrets of ${event.store} …`;
    case 'secrets-prepared':
      return `fetch ${event.names.length} secrets of ${event.store} … ${formatDuration(event.durationMs)}`;
    case 'secret-uploaded':
      return `${event.change} ${event.name}`;
    case 'rotation-created':
      return `rotate ${event.name}: version ${event.to} created, to follow ${event.from}`;
    case 'rotation-resumed':
      return `rotate ${event.name}: version ${event.to} was created before, goes on`;
    case 'rotation-set':
      return `rotate ${event.name}: the new login is set`;
    case 'rotation-tested':
      return `rotate ${event.name}: the new login works`;
    case 'rotation-finished':
      return `rotate ${event.name}: version ${event.to} is current`;
    case 'secrets-injected': {
      const how = event.changed ? formatDuration(event.durationMs) : 'are there already';
      const swap = event.swappable ? '; this kernel may swap them out' : '';
      return `inject ${event.names.length} secrets into ${event.volume} … ${how}${swap}`;
    }
    case 'secrets-removed':
      return `removed ${event.volume}`;
    case 'secrets-in-plain-environment':
      return `secrets of ${event.service} go into a plain environment: ${event.names.join(', ')}`;
  }
}
