import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';

import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { blobOf, digestOf, describe as described, type ImageBlob } from '../../src/image/blob.ts';
import { mediaTypes } from '../../src/image/oci.ts';
import { copyImage, type ImageContent, type ImageEvent, mirrorImages } from '../../src/index.ts';
import { openOciImageContent } from '../../src/oci.ts';
import { tagSampleImage, tagSampleIndex } from '../../src/testing/sample-content.ts';
import { RegistryFront } from './registry-front.ts';
import { newNamespace, repository, skopeoAt } from './registry-images.ts';
import { startTransfer } from './run-transfer.ts';

describeWith('from one registry to another', ['image-repository', 'secured-image-repository', 'skopeo'], (parts) => {
  const openPlaces = async () => {
    const { address, prefix } = parts()['image-repository'];
    const open = { registry: address, namespace: newNamespace(prefix) };
    const { address: registry, prefix: ownPrefix, username, password, ca } = parts()['secured-image-repository'];
    const secured = { registry, namespace: newNamespace(ownPrefix), username, password, ca };
    const content = openOciImageContent({
      ...secured,
      credentials: () => Promise.resolve({ username, password: new Redacted(password) }),
      ca: ca === undefined ? undefined : await readFile(ca, 'utf8'),
    });
    return { open, secured, from: openOciImageContent(open), to: content };
  };
  const digestAt = (place: { readonly registry: string; readonly namespace: string }, name: string): unknown => {
    const { username, password } = parts()['secured-image-repository'];
    const login = place.registry.startsWith('https') ? [`--creds=${username}:${password}`] : [];
    const image = `docker://${new URL(place.registry).host}/${place.namespace}/${name}`;
    const found = skopeoAt(parts().skopeo.program)('inspect', '--raw', '--tls-verify=false', ...login, image);
    return digestOf(Buffer.from(found));
  };

  it('an image is copied there and back with the same digest, as skopeo sees it', async () => {
    const { open, secured, from, to } = await openPlaces();
    const { digest } = await tagSampleImage(from, { texts: ['registries base', 'own'], tags: ['latest'] });
    await copyImage({ from, to, repository, digest, tags: ['production-abc1234', 'latest'] });
    for (const tag of ['production-abc1234', 'latest']) expect(digestAt(secured, `${repository}:${tag}`)).toBe(digest);
    const back = { ...open, namespace: newNamespace(parts()['image-repository'].prefix) };
    await copyImage({ from: to, to: openOciImageContent(back), repository, digest, tags: ['back'] });
    expect(digestAt(back, `${repository}:back`)).toBe(digest);
  });

  it('an index goes with all its images', async () => {
    const { secured, from, to } = await openPlaces();
    const { index, children } = await tagSampleIndex(from, { texts: ['registries base'], tags: ['both'] });
    await copyImage({ from, to, repository, digest: index.digest, tags: ['both'] });
    expect(digestAt(secured, `${repository}:both`)).toBe(index.digest);
    for (const { digest } of children) expect(digestAt(secured, `${repository}@${digest}`)).toBe(digest);
  });

  it('images of a release are mirrored, what they share is sent once, and the second time nothing is', async () => {
    const { open, from } = await openPlaces();
    const api = await tagSampleImage(from, { texts: ['mirror base', 'api'], tags: [] });
    const web = await tagSampleImage(from, { texts: ['mirror base', 'web'], tags: [], repository: 'shop-web' });
    const images = [
      { repository, digest: api.digest, tags: ['production-abc1234'] },
      { repository: 'shop-web', digest: web.digest, tags: ['production-def5678'] },
    ];
    await using front = await RegistryFront.open(open.registry);
    const mirror = { registry: front.origin, namespace: newNamespace(parts()['image-repository'].prefix) };
    const events: ImageEvent[] = [];
    await mirrorImages({ from, to: openOciImageContent(mirror), images, onEvent: (event) => events.push(event) });
    // Past the front, which could not answer: skopeo is waited for by this very process.
    const mirrored = { ...mirror, registry: open.registry };
    expect(digestAt(mirrored, `${repository}:production-abc1234`)).toBe(api.digest);
    expect(digestAt(mirrored, 'shop-web:production-def5678')).toBe(web.digest);
    // The configurations and layers of both, but the base of the second: that one is in the first.
    expect(front.count('PUT', /\/blobs\/uploads\//)).toBe(5);
    expect(front.count('POST', /shop-web\/blobs\/uploads\/\?mount=/)).toBe(1);
    expect(events.filter(({ type }) => type === 'image-copied')).toHaveLength(2);
    const layers = events.filter((event) => event.type === 'image-layer');
    expect(layers.filter(({ status }) => status === 'copied')).toHaveLength(5);
    expect(layers.filter(({ status }) => status === 'present')).toHaveLength(1);

    front.requests.length = 0;
    const again = await mirrorImages({ from, to: openOciImageContent(mirror), images });
    expect(again.map(({ copiedBytes }) => copiedBytes)).toEqual([0, 0]);
    expect(front.requests.filter(({ method }) => method !== 'HEAD')).toEqual([]);
  });

  it('a layer of 300 MB takes little memory, whichever way it goes', { timeout: 300_000 }, async () => {
    const { open, secured, from } = await openPlaces();
    const manifest = await writeLargeImage(from);
    for (const [source, target] of [
      [open, secured],
      [secured, { ...open, namespace: newNamespace(parts()['image-repository'].prefix) }],
    ] as const) {
      const task = { from: source, to: target, copy: { digest: manifest.digest, tags: ['large'] } };
      const { code, printed } = await startTransfer(task).ended;
      expect(code).toBe(0);
      const { before, most } = JSON.parse(printed) as { readonly before: number; readonly most: number };
      expect(before).toBeGreaterThan(10_000_000);
      expect(most - before).toBeLessThan(150_000_000);
      expect(digestAt(target, `${repository}:large`)).toBe(manifest.digest);
    }
  });
});

/** An image with a layer of 300 MB that was never in memory either. */
async function writeLargeImage(content: ImageContent): Promise<ImageBlob> {
  // The same bytes each time: registries keep blobs until their garbage is collected, and so these only once.
  const block = createHash('shake256', { outputLength: 1_000_000 }).update('a large layer').digest();
  const blocks = function* () {
    for (let index = 0; index < 300; index += 1) {
      block.writeUInt32BE(index);
      yield Buffer.from(block);
    }
  };
  const hash = createHash('sha256');
  for (const each of blocks()) hash.update(each);
  const layer = { mediaType: mediaTypes.layer, digest: `sha256:${hash.digest('hex')}`, size: 300_000_000 };
  const config = blobOf(mediaTypes.config, Buffer.from('{"architecture":"amd64","os":"linux"}'));
  await content.write(layer, () => Readable.from(blocks()), { repository });
  await content.write(described(config), () => Readable.from([config.contents]), { repository });
  const document = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: described(config), layers: [layer] };
  const manifest = blobOf(mediaTypes.manifest, Buffer.from(JSON.stringify(document)));
  await content.tag(manifest, { repository, tags: ['large'] });
  return manifest;
}
