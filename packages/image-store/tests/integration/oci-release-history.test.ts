import { readFile } from 'node:fs/promises';

import { isMaestroError, Redacted } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { rebuildRecords, type ReleaseRecord } from '../../src/index.ts';
import { type OciReleaseHistoryOptions, openOciImageStore, openOciReleaseHistory } from '../../src/oci.ts';
import { releaseHistoryContract, sampleRelease, sampleReleaseId } from '../../src/testing.ts';
import { answering, RegistryFront } from './registry-front.ts';
import { imageOf, newNamespace } from './registry-images.ts';

const environment = 'production';
const project = 'shop';

describeWith('the history in an open registry', ['image-repository'], (parts) => {
  const open = (
    changes: Partial<Pick<OciReleaseHistoryOptions, 'kept' | 'logger' | 'namespace' | 'registry'>> = {},
  ) => {
    const { address, prefix } = parts()['image-repository'];
    const logger = new RecordingLogger();
    const namespace = newNamespace(prefix);
    return openOciReleaseHistory({ registry: address, namespace, project, logger, ...changes });
  };

  describe('keeps the contract', () => {
    for (const { name, run } of releaseHistoryContract((kept) => Promise.resolve(open({ kept })))) it(name, run);
  });

  /** A namespace, and what a test writes to its history past the adapter. */
  const scene = () => {
    const { address, prefix } = parts()['image-repository'];
    const namespace = newNamespace(prefix);
    const api = `${address}/v2/${namespace}/shop-release-history`;
    const call = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${api}/${path}`, init);
      if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
      return answer;
    };
    const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' };
    return {
      namespace,
      tags: async () => ((await (await call('tags/list')).json()) as { tags: string[] | null }).tags ?? [],
      /** Gives what one tag stands for another one too. */
      copyTag: async (from: string, to: string) => {
        const body = await (await call(`manifests/${from}`, { headers: accept })).text();
        const headers = { 'content-type': accept.accept };
        await call(`manifests/${to}`, { method: 'PUT', headers, body });
      },
      /** Removes the bytes of a release, and leaves its manifest. */
      removeContents: async (tag: string) => {
        const manifest = (await (await call(`manifests/${tag}`, { headers: accept })).json()) as {
          layers: readonly { readonly digest: string }[];
        };
        for (const { digest } of manifest.layers) await call(`blobs/${digest}`, { method: 'DELETE' });
      },
    };
  };
  const tagOf = (index: number) => `h-production-${sampleReleaseId(index)}`;

  it('keeps in the registry just what must stay, and what it knows nothing of', async () => {
    const { namespace, tags, copyTag } = scene();
    const history = open({ namespace });
    await history.record(sampleRelease(1));
    // Not the digest that is forgotten: that would take this tag along.
    await history.record(sampleRelease(2, { environment: 'demo' }));
    await copyTag(`h-demo-${sampleReleaseId(2)}`, 'mine');
    for (let index = 2; index <= 12; index += 1) await history.record(sampleRelease(index));
    const kept = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(tagOf);
    expect(new Set(await tags())).toEqual(new Set([...kept, `h-demo-${sampleReleaseId(2)}`, 'mine']));
  });

  it('reports damaged artifacts, goes on without them, and records one again that lost its bytes', async () => {
    const { namespace, copyTag, removeContents } = scene();
    const logger = new RecordingLogger();
    const history = open({ namespace, logger });
    for (const index of [1, 2, 3]) await history.record(sampleRelease(index));
    await copyTag(tagOf(1), tagOf(9));
    await removeContents(tagOf(2));

    const later = open({ namespace, logger });
    expect((await later.list({ environment })).map(({ id }) => id)).toEqual([3, 1].map(sampleReleaseId));
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ fields }) => fields?.artifact).sort()).toEqual(
      [tagOf(2), tagOf(9)].map((tag) => `${namespace}/shop-release-history:${tag}`),
    );
    const other = history.record(sampleRelease(9));
    await expect(other).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_RELEASE_CONFLICT'));
    await history.record(sampleRelease(2));
    expect(await history.get({ environment, id: sampleReleaseId(2) })).toEqual(sampleRelease(2));
  });

  it('removes nothing but releases: not what somebody else put under such a tag', async () => {
    const { address } = parts()['image-repository'];
    const { namespace, tags } = scene();
    const logger = new RecordingLogger();
    // A service whose repository has the history's name.
    const store = openOciImageStore({ registry: address, namespace });
    const image = await imageOf('history', { repository: 'shop-release-history' });
    const { digest } = await store.put(image);
    const manifest = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
    const target = `${address}/v2/${namespace}/shop-release-history/manifests/${tagOf(0)}`;
    await fetch(target, { method: 'PUT', headers: manifest, body: image.manifest.contents });

    const history = open({ namespace, logger });
    for (let index = 1; index <= 12; index += 1) await history.record(sampleRelease(index));
    expect(await tags()).toContain(tagOf(0));
    expect(await store.resolve({ repository: 'shop-release-history', reference: digest })).toMatchObject({ digest });
    expect(await history.list({ environment })).toHaveLength(10);
    expect(logger.lines.map(({ fields }) => fields?.reason)).toContainEqual(
      expect.stringContaining('expected an artifact of the type'),
    );
  });

  it('remembers the same where the registry deletes nothing, and reads no more for it', async () => {
    const { address } = parts()['image-repository'];
    const { namespace, tags } = scene();
    await using front = await RegistryFront.open(address);
    const refusal = { status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' };
    front.put({ method: 'DELETE', path: /manifests/, reaction: answering(refusal) });
    const logger = new RecordingLogger();
    const history = open({ registry: front.origin, namespace, logger });
    for (let index = 1; index <= 15; index += 1) {
      await history.record(sampleRelease(index, { previousHealthy: index === 1 ? null : sampleReleaseId(index - 1) }));
    }
    expect(await tags()).toHaveLength(15);
    expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn' }));

    front.requests.length = 0;
    const later = open({ registry: front.origin, namespace });
    const ids = (await later.list({ environment, limit: 100 })).map(({ id }) => id);
    expect(ids).toEqual([15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map(sampleReleaseId));
    expect(front.count('GET', /manifests/)).toBe(11);
  });

  it('is no empty history while nobody answers', async () => {
    const { address } = parts()['image-repository'];
    const front = await RegistryFront.open(address);
    const history = open({ registry: front.origin });
    await front[Symbol.asyncDispose]();
    const error: unknown = await history.list({ environment }).catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')).toBe(true);
  });

  it('is told by the images too, once for each release that changed them', async () => {
    const { address, prefix } = parts()['image-repository'];
    const namespace = newNamespace(prefix);
    const store = openOciImageStore({ registry: address, namespace });
    const history = open({ namespace });
    const put = async (text: string, service: string) =>
      (await store.put(await imageOf(`history ${text}`, { repository: `shop-${service}` }))).digest;
    const [api, newApi, web] = [await put('1', 'api'), await put('2', 'api'), await put('1', 'web')];
    const release = (index: number, digests: Readonly<Record<string, string>>, changes: Partial<ReleaseRecord> = {}) =>
      history.record(
        sampleRelease(index, {
          previousHealthy: index === 1 ? null : sampleReleaseId(index - 1),
          services: sampleRelease(1).services.flatMap((service) =>
            Object.entries(digests).map(([name, digest]) => ({ ...service, name, digest })),
          ),
          ...changes,
        }),
      );
    await release(1, { api, web });
    await release(2, { api, web });
    await release(3, { api: newApi, web });
    await release(4, { api, web }, { outcome: 'refused' });

    const told = await history.taggedImages({ environment, services: ['api', 'web', 'unknown'] });
    expect(new Set(told)).toEqual(
      new Set([
        { service: 'api', release: sampleReleaseId(1), digest: api },
        { service: 'web', release: sampleReleaseId(1), digest: web },
        { service: 'api', release: sampleReleaseId(3), digest: newApi },
      ]),
    );
    const rebuilt = rebuildRecords({ project, environment, images: told, labels: [], current: null });
    expect(rebuilt.map(({ id, services }) => [id, services.map(({ digest }) => digest)])).toEqual([
      [sampleReleaseId(3), [newApi, web]],
      [sampleReleaseId(1), [api, web]],
    ]);

    const given = store.retag({ repository: 'shop-api', digest: api, tag: tagOf(9) });
    await expect(given).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'));
    // These tags are nobody's: retention does not take them for given ones.
    expect((await store.resolve({ repository: 'shop-api', reference: api }))?.tags).toEqual([
      expect.stringMatching(/^production-/) as string,
    ]);
  });
});

describeWith('the history in a registry behind TLS and a password', ['secured-image-repository'], (parts) => {
  const open = async (kept: OciReleaseHistoryOptions['kept']) => {
    const { address, prefix, username, password, ca } = parts()['secured-image-repository'];
    return openOciReleaseHistory({
      registry: address,
      namespace: newNamespace(prefix),
      credentials: () => Promise.resolve({ username, password: new Redacted(password) }),
      ca: ca === undefined ? undefined : await readFile(ca, 'utf8'),
      project,
      kept,
    });
  };
  for (const { name, run } of releaseHistoryContract(open)) it(name, run);
});
