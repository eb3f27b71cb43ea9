import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import { expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { openOciImageContent, openOciImageStore } from '../../src/oci.ts';
import { imageOf, newNamespace, repository, unpackedText } from './registry-images.ts';

describeWith('images that a Docker Engine is given or needs', ['docker', 'image-repository'], (parts) => {
  const open = () => {
    const { address } = parts()['image-repository'];
    const namespace = newNamespace(parts().docker.suite);
    const place = { registry: address, namespace };
    const engine = openDockerEngine({ engine: parts().docker.address, repositories: place });
    const image = (content: string) => imageOf(`${namespace} ${content}`, { labels: parts().docker.labels });
    return { engine, image, repositories: openOciImageStore(place), content: openOciImageContent(place) };
  };
  const docker = () => new Docker({ host: '', ...parts().docker.engine, protocol: 'http' });

  it('loads an image as a repository has it, under its digest there and its tags', async () => {
    const { engine, image, repositories, content } = open();
    const { digest, tag } = await repositories.put(await image('loaded')).then((put) => ({ ...put, tag: put.tags[1] }));
    const loaded = await engine.load({ repository, digest, tags: [tag ?? '', 'stable'], content });
    expect(loaded).toMatchObject({ digest, tags: [tag, 'stable'].sort() });
    expect(await unpackedText(engine.store, digest)).toMatch(/ loaded$/);
    // Again it is there, and only a tag that it lacks is given.
    expect(await engine.load({ repository, digest, tags: ['next'], content })).toMatchObject({
      tags: ['next', tag, 'stable'].sort(),
    });
  });

  it('loads nothing of an image that the content does not have', async () => {
    const { engine, content } = open();
    const digest = `sha256:${'0'.repeat(64)}`;
    const loading = engine.load({ repository, digest, tags: ['stable'], content });
    await expect(loading).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNKNOWN_IMAGE'));
    expect(await engine.store.list({ repository })).toEqual([]);
  });

  it('knows what containers need, stopped ones too, under the digest of the image', async () => {
    const { engine, image } = open();
    const { digest } = await engine.store.put(await image('used'));
    const name = `${parts().docker.suite}-user`;
    const images = await docker().listImages();
    const guard = digest.slice('sha256:'.length);
    const used = images.flatMap(({ RepoTags }) => RepoTags ?? []).find((tag) => tag.includes(guard)) ?? '';
    const container = await docker().createContainer({
      name,
      Image: used,
      Cmd: ['none'],
      Labels: parts().docker.labels,
    });
    expect(await engine.references()).toContainEqual({ digest, by: `container ${name}` });
    await expect(engine.store.remove({ repository, digest })).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_ENGINE_FAILED'),
    );
    await container.remove();
    expect((await engine.references()).filter(({ by }) => by.includes(name))).toEqual([]);
  });
});
