import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleReleaseId as id } from '../testing/samples.ts';
import { rebuildRecords, type RebuildOptions } from './rebuild-records.ts';
import { checkedRelease } from './release-record.ts';
import { rollbackTarget } from './rollback-target.ts';

const digest = (index: number) => `sha256:${index.toString(16).padStart(64, '0')}`;
const container = (service: string, slot: string, release: number, image: number, more = {}) => ({
  'maestro.project': 'shop',
  'maestro.environment': 'production',
  'maestro.service': service,
  'maestro.slot': slot,
  'maestro.release': id(release),
  'maestro.digest': digest(image),
  ...more,
});
const tagged = (service: string, release: number, image: number) => ({
  service,
  release: id(release),
  digest: digest(image),
});
const rebuild = (known: Partial<RebuildOptions>) =>
  rebuildRecords({ project: 'shop', environment: 'production', images: [], labels: [], current: null, ...known });
const digests = (known: Partial<RebuildOptions>) =>
  rebuild(known).map((record) => [
    record.id,
    record.outcome,
    Object.fromEntries(record.services.map((service) => [service.name, service.digest])),
  ]);

describe('rebuildRecords', () => {
  it('gives each release what it brought, and of other services what they had before it', () => {
    const images = [tagged('api', 1, 10), tagged('web', 1, 20), tagged('api', 3, 11), tagged('web', 5, 21)];
    expect(digests({ images })).toEqual([
      [id(5), 'deployed', { api: digest(11), web: digest(21) }],
      [id(3), 'deployed', { api: digest(11), web: digest(20) }],
      [id(1), 'deployed', { api: digest(10), web: digest(20) }],
    ]);
    expect(rebuild({ images }).map(({ previousHealthy }) => previousHealthy)).toEqual([id(3), id(1), null]);
  });

  it('takes what is in the other slot beside the current release for the one to return to', () => {
    const labels = [container('api', 'blue', 1, 10), container('api', 'green', 4, 11)];
    const records = rebuild({ labels, current: id(4) });
    expect(rollbackTarget({ records, current: id(4) }).id).toBe(id(1));
  });

  it('does not return to what may have been refused: newer than the current one, or beside an older one', () => {
    const labels = [
      container('api', 'blue', 4, 11),
      container('api', 'green', 5, 12),
      // Of the web, 4 brought nothing: 3 may have failed there.
      container('web', 'blue', 2, 20),
      container('web', 'green', 3, 21),
    ];
    const outcomes = rebuild({ labels, current: id(4) }).map((record) => [record.id, record.outcome]);
    expect(outcomes).toEqual([
      [id(5), 'refused'],
      [id(4), 'deployed'],
      [id(3), 'refused'],
      [id(2), 'refused'],
    ]);
  });

  it('does not count containers of others, nor those that lack a label', () => {
    const labels = [
      container('api', 'blue', 1, 10, { 'maestro.project': 'other' }),
      container('api', 'blue', 1, 10, { 'maestro.environment': 'demo' }),
      container('api', 'blue', 1, 10, { 'maestro.release': 'none' }),
      { 'maestro.project': 'shop', 'maestro.environment': 'production' },
      {},
    ];
    expect(rebuild({ labels })).toEqual([]);
  });

  it('knows the time of a release from its id, and says that it was rebuilt', () => {
    const [record] = rebuild({
      images: [{ service: 'api', release: '01ARZ3NDEKTSV4RRFFQ69G5FAV', digest: digest(1) }],
    });
    // The example of https://github.com/ulid/spec.
    expect(record).toMatchObject({ at: '2016-07-30T23:54:10.259Z', by: '', restores: null });
    expect(record?.reason).toMatch(/^rebuilt/);
  });

  it('makes records that can be recorded, and forgets no image', () => {
    const service = fc.constantFrom('api', 'web');
    const release = fc.nat({ max: 6 });
    const image = fc.nat({ max: 9 });
    const tags = fc.array(fc.tuple(service, release, image).map((args) => tagged(...args)));
    const slot = fc.constantFrom('blue', 'green');
    const labels = fc.array(
      fc.tuple(service, slot, release, image).map((args) => container(...args)),
      { maxLength: 4 },
    );
    const unique = (images: readonly { service: string; release: string; digest: string }[]) => [
      ...new Map(images.map((one) => [`${one.service} ${one.release}`, one])).values(),
    ];
    fc.assert(
      fc.property(tags.map(unique), labels, fc.option(release.map(id)), (images, containers, current) => {
        const records = rebuild({ images, labels: containers, current });
        for (const record of records) expect(checkedRelease(record)).toEqual(record);
        const kept = new Set(records.flatMap(({ services }) => services.map((one) => one.digest)));
        for (const one of images) expect(kept).toContain(one.digest);
      }),
    );
  });
});
