import { describe, expect, it } from 'vitest';

import { imageFacts } from './image-facts.ts';

describe('what is known of an image of another tool', () => {
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: `sha256:${'0'.repeat(64)}`,
    size: 7,
  };
  const manifest = {
    schemaVersion: 2,
    config: { ...layer, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: [layer, layer],
  } as const;
  const revision = 'org.opencontainers.image.revision';
  const created = 'org.opencontainers.image.created';

  it('comes from annotations before labels', () => {
    const annotated = { ...manifest, annotations: { [revision]: 'annotated' } };
    const labelled = { config: { Labels: { [revision]: 'labelled', [created]: '2026-01-01T02:00:00+02:00' } } };
    expect(imageFacts(annotated, labelled)).toEqual({
      inputHash: '',
      revision: 'annotated',
      createdAt: '2026-01-01T00:00:00.000Z',
      sizeBytes: 14,
    });
  });

  it.each([
    [{ created: '2026-01-01T00:00:00.123456789Z' }, '2026-01-01T00:00:00.123Z'],
    [{ created: '2026-01-01T00:00:00Z', config: { Labels: { [created]: 'yesterday' } } }, '2026-01-01T00:00:00.000Z'],
    [{ created: null, config: { Labels: null } }, '1970-01-01T00:00:00.000Z'],
    [{}, '1970-01-01T00:00:00.000Z'],
  ])('has a time that compares as text: %j is of %s', (config, createdAt) => {
    expect(imageFacts(manifest, config).createdAt).toBe(createdAt);
  });
});
