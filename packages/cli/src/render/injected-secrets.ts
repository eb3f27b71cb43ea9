import type { InjectionResult, LeftVolume, ReinjectionResult, VolumeOfService } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { table } from './table.ts';

/** Which volume each service's container mounts, and how. */
export function renderInjected(environment: string, { store, services }: InjectionResult, { colors }: Style): string {
  if (services.length === 0) return `No service of ${environment} needs a secret.`;
  const rows = services.map(({ service, slot, volume }) => [colors.bold(service), slot ?? '-', volume]);
  const names = new Set(services.flatMap(({ secrets }) => secrets.map(({ name }) => name)));
  return [
    ...table(rows),
    `In memory: ${names.size} of ${store}.`,
    'A container gets them by --mount type=volume,source=<volume>,target=/run/secrets,readonly,volume-nocopy',
  ].join('\n');
}

const reasons: Readonly<Record<LeftVolume['reason'], string>> = {
  stopped: 'left empty until it is started',
  'not-needed': 'left empty: no service of the configuration needs it',
};

/** What was filled, and what was not. */
export function renderReinjected({ filled, left }: ReinjectionResult): string {
  if (filled.length + left.length === 0) return 'No volume is empty.';
  return table([
    ...filled.map((volume) => [...placeOf(volume), 'filled']),
    ...left.map((volume) => [...placeOf(volume), reasons[volume.reason]]),
  ]).join('\n');
}

function placeOf({ service, slot, volume }: VolumeOfService): readonly string[] {
  return [service, slot ?? '-', volume];
}
