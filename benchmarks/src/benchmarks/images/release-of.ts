import type { ReleasedImage, ReleaseRecord } from '@maestro/image-store';

export const environment = 'production';

/** The record of a deployment that went well; ids sort by `index`. */
export function releaseOf({
  index,
  previousHealthy,
  services,
}: Pick<ReleaseRecord, 'previousHealthy'> & {
  readonly index: number;
  readonly services: readonly Pick<ReleasedImage, 'name' | 'image' | 'digest'>[];
}): ReleaseRecord {
  return {
    id: `01JGZ${String(index).padStart(21, '0')}`,
    environment,
    at: '2026-01-01T00:00:00.000Z',
    by: 'bench@localhost',
    kind: 'deploy',
    outcome: 'deployed',
    durationMs: 1,
    previousHealthy,
    restores: null,
    reason: null,
    services: services.map((service) => ({ ...service, configHash: '', secretVersions: {} })),
  };
}
