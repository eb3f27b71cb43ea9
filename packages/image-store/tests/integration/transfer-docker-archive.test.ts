import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import { expect, it } from 'vitest';

import { openSavedRelease, saveRelease } from '../../src/embedded.ts';
import { blobOf, describe as described, type ImageBlob } from '../../src/image/blob.ts';
import { collectBytes } from '../../src/image/collect-bytes.ts';
import { mediaTypes } from '../../src/image/oci.ts';
import { dockerArchive } from '../../src/index.ts';
import { MemoryImageContent, sampleRelease } from '../../src/testing.ts';
import { sampleLayer, tagSampleImage, tagSampleIndex } from '../../src/testing/sample-content.ts';

const repository = 'shop-api';

describeWith('an engine that loads images without any image repository', ['docker'], (parts) => {
  const connect = () => new Docker({ protocol: 'http', host: '', ...parts().docker.engine });
  const load = async (archive: AsyncIterable<Uint8Array>) => {
    const answer = await connect().loadImage(Readable.from(archive, { objectMode: false }), { quiet: true });
    return text(answer);
  };
  /** Of images that are of this suite alone, so that nobody else's are the same. */
  const own = (name: string) => `${parts().docker.suite} ${name}`;
  const nameOf = (tag: string) => `${parts().docker.suite}/shop-api:${tag}`;
  const configOf = (manifest: ImageBlob) =>
    (JSON.parse(Buffer.from(manifest.contents).toString()) as { readonly config: { readonly digest: string } }).config;

  it('has a saved image under each of its names, with the configuration it had', async () => {
    const from = new MemoryImageContent();
    const { index, children } = await tagSampleIndex(from, { texts: [own('base')], tags: [] });
    const common = { configHash: 'f00d', secretVersions: {} };
    const services = [{ ...common, name: 'api', image: `${repository}:production-abc1234`, digest: index.digest }];
    const folder = join(await mkdtemp(join(tmpdir(), 'maestro-load-')), 'release');
    await saveRelease({ from, release: sampleRelease(1, { services }), folder });

    const { content } = await openSavedRelease({ folder });
    const names = [nameOf('production-abc1234'), nameOf('latest')];
    const said = await load(dockerArchive({ content, repository, digest: index.digest, names }));
    expect(said).not.toContain('error');
    const [amd64] = children;
    const image = await connect().getImage(nameOf('latest')).inspect();
    expect(image.Id).toBe(amd64 && configOf(amd64).digest);
    expect(image.RepoTags.sort()).toEqual(names.sort());
    expect(image.RootFS.Layers).toEqual([
      (await sampleLayer(own('base'))).digest,
      (await sampleLayer('on amd64')).digest,
    ]);
  });

  it('unpacks layers that are compressed, one of them used twice', async () => {
    const from = new MemoryImageContent();
    const plain = await sampleLayer(own('gzip'));
    const packed = blobOf(`${mediaTypes.layer}+gzip`, gzipSync(plain.contents));
    const manifest = await writeImage(from, [packed, packed], [plain.digest, plain.digest]);
    const archive = dockerArchive({ content: from, repository, digest: manifest.digest, names: [nameOf('gzip')] });
    expect(await load(archive)).not.toContain('error');
    const image = await connect().getImage(nameOf('gzip')).inspect();
    expect(image.Id).toBe(configOf(manifest).digest);
    expect(image.RootFS.Layers).toEqual([plain.digest, plain.digest]);
  });

  it('loads nothing of an archive that is cut, wherever', async () => {
    const from = new MemoryImageContent();
    const { digest } = await tagSampleImage(from, { texts: [own('cut')], tags: [] });
    const archive = await collectBytes(dockerArchive({ content: from, repository, digest, names: [nameOf('cut')] }));
    // Before the last file, which is `manifest.json` with a header, its text and the end of the archive.
    for (const bytes of [1000, archive.byteLength / 2, archive.byteLength - 2048 - 512]) {
      const part = archive.subarray(0, Math.floor(bytes));
      const said = await load(Readable.from([part])).catch((error: unknown) => String(error));
      expect(said).toMatch(/error/i);
      await expect(connect().getImage(nameOf('cut')).inspect()).rejects.toThrow(/no such image/i);
    }
  });

  it('loads nothing of an image that is damaged where it is read', async () => {
    const from = new MemoryImageContent();
    const layer = await sampleLayer(own(randomBytes(4).toString('hex')));
    const manifest = await writeImage(from, [layer], [layer.digest], { store: false });
    const archive = dockerArchive({ content: from, repository, digest: manifest.digest, names: [nameOf('damaged')] });
    await expect(load(archive)).rejects.toThrow();
    await expect(connect().getImage(nameOf('damaged')).inspect()).rejects.toThrow(/no such image/i);
  });
});

async function writeImage(
  content: MemoryImageContent,
  layers: readonly ImageBlob[],
  diffIds: readonly string[],
  { store = true }: { readonly store?: boolean } = {},
): Promise<ImageBlob> {
  const place = { repository };
  const rootfs = { type: 'layers', diff_ids: diffIds };
  const document = { architecture: 'amd64', os: 'linux', config: {}, rootfs };
  const config = blobOf(mediaTypes.config, Buffer.from(JSON.stringify(document)));
  for (const blob of store ? [...layers, config] : [config]) {
    await content.write(described(blob), () => Readable.from([blob.contents]), place);
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: described(config),
    layers: layers.map(described),
  };
  const image = blobOf(mediaTypes.manifest, Buffer.from(JSON.stringify(manifest)));
  await content.tag(image, { ...place, tags: [] });
  return image;
}
