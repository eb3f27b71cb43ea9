import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { openFileReleaseHistory } from '../../src/embedded.ts';
import { openSharedReleaseHistory, type ReleaseHistory } from '../../src/index.ts';
import { type OciReleaseHistoryOptions, openOciReleaseHistory } from '../../src/oci.ts';
import { releaseHistoryContract, sampleRelease, sampleReleaseId } from '../../src/testing.ts';
import { breakingOff, RegistryFront } from './registry-front.ts';
import { newNamespace } from './registry-images.ts';

const environment = 'production';
type Kept = OciReleaseHistoryOptions['kept'];

describeWith('a history that machines share', ['image-repository'], (parts) => {
  const newFolder = () => mkdtemp(join(tmpdir(), 'maestro-shared-history-'));
  const oci = (namespace: string, registry = parts()['image-repository'].address, kept?: Kept) =>
    openOciReleaseHistory({ registry, namespace, project: 'shop', kept });
  const namespaceOfSuite = () => newNamespace(parts()['image-repository'].prefix);
  const idsOf = async (history: ReleaseHistory) =>
    (await history.list({ environment, limit: 100 })).map(({ id }) => id);

  /** One of the machines: what it shares, its own copy, and both as one. */
  const machine = async (shared: ReleaseHistory, kept?: Kept) => {
    const logger = new RecordingLogger();
    const local = openFileReleaseHistory({ folder: await newFolder(), kept, logger });
    return { local, logger, history: openSharedReleaseHistory({ shared, local, kept, logger }) };
  };

  describe('keeps the contract', () => {
    const contract = releaseHistoryContract(async (kept) => {
      const { history } = await machine(oci(namespaceOfSuite(), undefined, kept), kept);
      return history;
    });
    for (const { name, run } of contract) it(name, run);
  });

  it('tells each machine what the others recorded, also later without the repository', async () => {
    const { address } = parts()['image-repository'];
    const namespace = namespaceOfSuite();
    const one = await machine(oci(namespace));
    const front = await RegistryFront.open(address);
    const other = await machine(oci(namespace, front.origin));
    await one.history.record(sampleRelease(1));
    await other.history.record(sampleRelease(2));
    expect(await idsOf(one.history)).toEqual([2, 1].map(sampleReleaseId));

    await front[Symbol.asyncDispose]();
    expect(await idsOf(other.history)).toEqual([2, 1].map(sampleReleaseId));
    expect(other.logger.lines).toMatchObject([{ level: 'warn', fields: { hint: expect.any(String) as string } }]);
    expect(await other.history.get({ environment, id: sampleReleaseId(1) })).toEqual(sampleRelease(1));
    expect(await other.history.environments()).toEqual([environment]);
  });

  it('keeps what was recorded while the repository was down, and sends it with the next one', async () => {
    const { address } = parts()['image-repository'];
    const namespace = namespaceOfSuite();
    const down = await RegistryFront.open(address);
    const { local, logger, history } = await machine(oci(namespace, down.origin));
    await down[Symbol.asyncDispose]();
    for (const index of [1, 2]) await history.record(sampleRelease(index));
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);

    // The same machine, in its next run.
    const again = openSharedReleaseHistory({ shared: oci(namespace), local });
    await again.record(sampleRelease(3));
    expect(await idsOf(oci(namespace))).toEqual([3, 2, 1].map(sampleReleaseId));
  });

  it('gives a new repository all that a machine remembers, and a new machine all that the repository does', async () => {
    const { local, history } = await machine(oci(namespaceOfSuite()));
    for (let index = 1; index <= 14; index += 1) {
      await history.record(
        sampleRelease(index, {
          outcome: index < 3 ? 'deployed' : 'refused',
          previousHealthy: index === 1 ? null : sampleReleaseId(index < 3 ? 1 : 2),
        }),
      );
    }
    const remembered = await idsOf(local);
    expect(remembered.slice(10)).toEqual([2, 1].map(sampleReleaseId));
    const namespace = namespaceOfSuite();
    await openSharedReleaseHistory({ shared: oci(namespace), local }).list({ environment });
    expect(await idsOf(oci(namespace))).toEqual(remembered);
    const newcomer = await machine(oci(namespace));
    await newcomer.history.list({ environment });
    expect(await idsOf(newcomer.local)).toEqual(remembered);
  });

  it('records on this machine although each connection is cut, and heals', async () => {
    const { address } = parts()['image-repository'];
    const namespace = namespaceOfSuite();
    await using front = await RegistryFront.open(address);
    // Everything is done, and nobody learns of it.
    front.put({ method: 'PUT', path: /manifests/, times: 4, reaction: breakingOff });
    const { logger, history } = await machine(oci(namespace, front.origin));
    await history.record(sampleRelease(1));
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn']);
    await history.record(sampleRelease(2));
    expect(await idsOf(oci(namespace))).toEqual([2, 1].map(sampleReleaseId));
  });

  it('reports records that contradict one another, and every machine goes on with the same one', async () => {
    const namespace = namespaceOfSuite();
    const one = await machine(oci(namespace));
    const other = await machine(oci(namespace));
    await one.history.record(sampleRelease(1, { by: 'ada@build-1' }));
    await other.local.record(sampleRelease(1, { by: 'grace@laptop' }));
    const refused = other.history.record(sampleRelease(1, { by: 'grace@laptop' }));
    await expect(refused).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_RELEASE_CONFLICT'));
    expect(await other.history.list({ environment })).toEqual([sampleRelease(1, { by: 'ada@build-1' })]);
    expect(await one.history.list({ environment })).toEqual([sampleRelease(1, { by: 'ada@build-1' })]);
    expect(other.logger.lines).toMatchObject([{ level: 'error', fields: { release: sampleReleaseId(1) } }]);
  });
});
