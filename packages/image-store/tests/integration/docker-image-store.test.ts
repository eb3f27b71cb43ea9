import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { assembledContent } from '../../src/image/assembled-content.ts';
import { guardTag } from '../../src/image/guard-tags.ts';
import { type AssembledImage, dockerArchive } from '../../src/index.ts';
import { imageStoreContract } from '../../src/testing.ts';
import { contextOf } from './build-contexts.ts';
import { imageOf, newNamespace, repository, skopeoAt, unpackedText } from './registry-images.ts';

function archiveOf(image: AssembledImage, name: string): AsyncIterable<Uint8Array> {
  return dockerArchive({ ...image, content: assembledContent(image), names: [name] });
}

describeWith('the image store in a Docker Engine', ['docker', 'image-repository', 'skopeo'], (parts) => {
  const docker = () => new Docker({ host: '', ...parts().docker.engine, protocol: 'http' });

  const open = () => {
    const { address } = parts()['image-repository'];
    const namespace = newNamespace(parts().docker.suite);
    const opened = openDockerEngine({
      engine: parts().docker.address,
      repositories: { registry: address, namespace },
    });
    const image = (content: string) => imageOf(`${namespace} ${content}`, { labels: parts().docker.labels });
    return { ...opened, image, namespace, name: `${new URL(address).host}/${namespace}/${repository}` };
  };

  const pruneOwn = () =>
    docker().pruneImages({ filters: { dangling: ['true'], label: [`maestro.test.suite=${parts().docker.suite}`] } });

  describe('keeps the contract', () => {
    for (const { name, run } of imageStoreContract(() => Promise.resolve(open().store))) it(name, run);
  });

  it('keeps an image without tags from being collected, and lets go of it once it is removed', async () => {
    const { store, image } = open();
    const [one, two] = [await image('one'), await image('two')];
    for (const each of [one, two]) await store.put(each);
    await store.retag({ repository, digest: two.digest, tag: one.tag });
    await pruneOwn();
    expect(await store.resolve({ repository, reference: one.digest })).toMatchObject({ tags: [] });
    await store.remove({ repository, digest: one.digest });
    const ids = (await docker().listImages({ all: true })).map(({ Id }) => Id);
    expect(ids).not.toContain(one.config.digest);
    expect(ids).toContain(two.config.digest);
  });

  it('guards an image of other tools before its tag goes to another one', async () => {
    const { store, image, name } = open();
    const [foreign, own] = [await image('foreign'), await image('own')];
    const archive = Readable.from(archiveOf(foreign, `${name}:edge`), { objectMode: false });
    await text(await docker().loadImage(archive));
    expect(await store.list({ repository })).toMatchObject([{ digest: foreign.config.digest, tags: ['edge'] }]);
    const { digest } = await store.put(own);
    await store.retag({ repository, digest, tag: 'edge' });
    await pruneOwn();
    const kept = await store.resolve({ repository, reference: foreign.config.digest });
    expect(kept).toMatchObject({ tags: [], inputHash: foreign.inputHash });
  });

  it('knows an image that was put and sent by both digests, and loses neither with the other', async () => {
    const { store, engine, image } = open();
    const put = await image('one');
    await store.put(put);
    const { digest: sent } = await engine.push({ repository, tag: put.tag });
    expect(sent).not.toBe(put.digest);
    const digests = async () => (await store.list({ repository })).map(({ digest }) => digest).sort();
    expect(await digests()).toEqual([put.digest, sent].sort());
    await store.remove({ repository, digest: put.digest });
    expect(await digests()).toEqual([sent]);
    expect(await store.resolve({ repository, reference: put.tag })).toMatchObject({ digest: sent });
    expect((await store.put(put)).alreadyStored).toBe(false);
    await store.remove({ repository, digest: sent });
    expect(await digests()).toEqual([put.digest]);
    expect(await unpackedText(store, put.digest)).toMatch(/ one$/);
  });

  it('has nothing of a repository whose name only begins alike', async () => {
    const { store, image } = open();
    const longer = { ...(await image('one')), repository: `${repository}-web` };
    await store.put(longer);
    expect(await store.list({ repository })).toEqual([]);
    expect(await store.resolve({ repository, reference: longer.digest })).toBeUndefined();
    expect(await store.resolve({ repository, reference: longer.config.digest })).toBeUndefined();
  });

  it('unpacks no image of several layers', async () => {
    const { store, builder, namespace } = open();
    const { imageId: digest } = await builder.build({
      service: 'api',
      repository,
      tags: ['latest'],
      context: contextOf({ Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b /', a: namespace, b: `${namespace} b` }),
      dockerfile: 'Dockerfile',
      args: {},
      labels: parts().docker.labels,
    });
    const unpacking = store.unpack({ repository, digest, folder: join(tmpdir(), namespace) });
    await expect(unpacking).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNSUPPORTED_IMAGE'));
  });

  it('loads archives that others read, as an image of an engine and as one of the specification', async () => {
    const { image, name } = open();
    const folder = await mkdtemp(join(tmpdir(), 'maestro-archive-'));
    const file = join(folder, 'image.tar');
    const one = await image('one');
    await pipeline(archiveOf(one, `${name}:${guardTag(one.digest)}`), createWriteStream(file));
    const skopeo = skopeoAt(parts().skopeo.program);
    expect(JSON.parse(skopeo('inspect', '--raw', `oci-archive:${file}`))).toEqual(
      JSON.parse(Buffer.from(one.manifest.contents).toString('utf8')),
    );
    expect(skopeo('inspect', '--config', '--raw', `docker-archive:${file}`).trim()).toBe(
      Buffer.from(one.config.contents).toString('utf8'),
    );
    execFileSync('tar', ['-xf', file, '-C', folder, 'manifest.json']);
    expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toContain(guardTag(one.digest));
  });
});
