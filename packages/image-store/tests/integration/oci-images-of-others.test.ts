import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import type { AssembledImage } from '../../src/index.ts';
import { copyIn, imageOf, openPlain, repository, skopeoAt, unpackedText } from './registry-images.ts';

const mediaType = (kind: string) => `application/vnd.oci.image.${kind}.v1+json`;
const guardOf = ({ digest }: AssembledImage) => `maestro-keep-${digest.slice('sha256:'.length)}`;

async function write(
  api: string,
  tag: string,
  document: { readonly mediaType: string; readonly [key: string]: unknown },
) {
  const headers = { 'content-type': document.mediaType };
  const { status } = await fetch(`${api}/manifests/${tag}`, { method: 'PUT', headers, body: JSON.stringify(document) });
  expect(status).toBe(201);
}

describeWith('a registry that skopeo uses too', ['image-repository', 'skopeo'], (parts) => {
  const open = () => openPlain(parts()['image-repository']);
  const skopeo = (...command: readonly string[]) => skopeoAt(parts().skopeo.program)(...command);
  const inspect = (reference: string): unknown =>
    JSON.parse(skopeo('inspect', '--tls-verify=false', `docker://${reference}`));

  it('has the digests and tags for skopeo that it has for us', async () => {
    const { store, name } = open();
    const image = await imageOf('one', { labels: { team: 'checkout' } });
    await store.put(image);
    await store.retag({ repository, digest: image.digest, tag: 'stable' });
    for (const tag of [image.tag, 'latest', 'stable']) {
      expect(inspect(`${name}:${tag}`)).toMatchObject({
        Digest: image.digest,
        Layers: [image.layer.digest],
        Labels: { team: 'checkout' },
      });
    }
    const { Tags } = JSON.parse(skopeo('list-tags', '--tls-verify=false', `docker://${name}`)) as { Tags: string[] };
    expect(Tags.sort()).toEqual(['latest', guardOf(image), image.tag, 'stable'].sort());
  });

  it('keeps a tag on every image that loses its last one, so that no garbage collection takes it', async () => {
    const { store, name } = open();
    const [foreign, image] = [await imageOf('foreign'), await imageOf('one')];
    await copyIn(skopeo, foreign, name, '--preserve-digests');
    await store.put(image);
    await store.retag({ repository, digest: image.digest, tag: foreign.tag });
    expect(inspect(`${name}:${guardOf(foreign)}`)).toMatchObject({ Digest: foreign.digest });
    const listed = (await store.list({ repository })).map(({ digest }) => digest);
    expect(listed.sort()).toEqual([foreign.digest, image.digest].sort());
  });

  it('has an image that was copied in as it is, and unpacks it', async () => {
    const { store, name } = open();
    const image = await imageOf('copied');
    await copyIn(skopeo, image, name, '--preserve-digests');
    const { digest, inputHash, revision } = image;
    expect(await store.resolve({ repository, reference: image.tag })).toMatchObject({ digest, inputHash, revision });
    expect(await unpackedText(store, digest)).toBe('copied');
  });

  it('unpacks an image whose layer was compressed on the way', async () => {
    const { store, name } = open();
    const image = await imageOf('compressed');
    await copyIn(skopeo, image, name, '--dest-compress');
    const stored = await store.resolve({ repository, reference: image.tag });
    expect(stored).toMatchObject({ inputHash: image.inputHash, revision: image.revision });
    expect(stored?.digest).not.toBe(image.digest);
    expect(await unpackedText(store, stored?.digest ?? '')).toBe('compressed');
  });

  it('reads the labels of an image that lost its annotations on the way', async () => {
    const { store, name } = open();
    const image = await imageOf('docker');
    await copyIn(skopeo, image, name, '--format=v2s2');
    const { revision, inputHash, tag } = image;
    expect(await store.list({ repository })).toMatchObject([
      { revision, inputHash, createdAt: '2026-01-01T00:00:00.000Z', tags: [tag] },
    ]);
  });

  it('takes an index for the image that it has for linux/amd64', async () => {
    const { store, api } = open();
    const [other, image] = [await imageOf('other'), await imageOf('one')];
    for (const each of [other, image]) await store.put(each);
    const manifests = [other, image].map(({ digest, manifest }) => ({
      mediaType: manifest.mediaType,
      digest,
      size: manifest.contents.byteLength,
      platform: { os: 'linux', architecture: digest === image.digest ? 'amd64' : 'arm64' },
    }));
    await write(api, 'both', { schemaVersion: 2, mediaType: mediaType('index'), manifests });
    const stored = await store.resolve({ repository, reference: 'both' });
    expect(stored).toMatchObject({ revision: image.revision, tags: ['both'] });
    expect(await unpackedText(store, stored?.digest ?? '')).toBe('one');
  });

  it('leaves what is no image out of the list, and says so when asked for it', async () => {
    const { store, api } = open();
    const image = await imageOf('one');
    await store.put(image);
    const { digest, contents } = image.config;
    const config = { mediaType: 'application/vnd.example.signature', digest, size: contents.byteLength };
    await write(api, 'signed', { schemaVersion: 2, mediaType: mediaType('manifest'), config, layers: [] });
    expect(await store.list({ repository })).toMatchObject([{ digest: image.digest }]);
    const resolved = store.resolve({ repository, reference: 'signed' });
    await expect(resolved).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNSUPPORTED_IMAGE'));
  });

  it('unpacks no image of several layers', async () => {
    const { store, api } = open();
    const { config, layer, manifest } = await imageOf('one');
    await store.put(await imageOf('one'));
    const described = (blob: typeof layer) => ({
      mediaType: blob.mediaType,
      digest: blob.digest,
      size: blob.contents.byteLength,
    });
    await write(api, 'several', {
      schemaVersion: 2,
      mediaType: manifest.mediaType,
      config: described(config),
      layers: [described(layer), described(layer)],
    });
    const digest = (await store.resolve({ repository, reference: 'several' }))?.digest ?? '';
    const unpacked = unpackedText(store, digest);
    await expect(unpacked).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNSUPPORTED_IMAGE'));
  });
});
