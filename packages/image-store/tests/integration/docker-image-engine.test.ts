import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';

import { isMaestroError, Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';

import { type DockerEngine, openDockerEngine } from '../../src/docker.ts';
import { guardTag, inputTag } from '../../src/image/guard-tags.ts';
import type { ImageEvent } from '../../src/index.ts';
import { type CredentialSource, openOciImageStore } from '../../src/oci.ts';
import { contextOf } from './build-contexts.ts';
import { RegistryFront } from './registry-front.ts';
import { newNamespace, skopeoAt } from './registry-images.ts';

const repository = 'shop-api';
const tag = 'production-abc1234';

interface Opened {
  readonly builder: DockerEngine['builder'];
  readonly name: string;
  readonly input: string;
}

describeWith(
  'a Docker Engine and an image repository',
  ['docker', 'image-repository', 'secured-image-repository', 'skopeo'],
  (parts) => {
    const docker = () => new Docker({ host: '', ...parts().docker.engine, protocol: 'http' });

    const openAt = (registry: string, credentials?: CredentialSource) => {
      const namespace = newNamespace(parts().docker.suite);
      const repositories = { registry, namespace };
      const opened = openDockerEngine({ engine: parts().docker.address, repositories, credentials });
      const name = `${new URL(registry).host}/${namespace}/${repository}`;
      // Images are found by it without the namespace too.
      const input = `sha256:${randomBytes(32).toString('hex')}`;
      return { ...opened, repositories, name, input };
    };
    const open = () => openAt(parts()['image-repository'].address);

    /** Builds an image whose content no other test has. */
    const build = async ({ builder, name, input }: Opened) =>
      builder.build({
        service: 'api',
        repository,
        tags: [tag, 'latest', inputTag(input)],
        context: contextOf({ Dockerfile: 'FROM scratch\nCOPY . /', 'name.txt': `${name} ${tag}` }),
        dockerfile: 'Dockerfile',
        args: {},
        labels: { ...parts().docker.labels, 'maestro.input': input },
      });

    const inspectThere = (reference: string, ...options: readonly string[]) =>
      JSON.parse(
        skopeoAt(parts().skopeo.program)('inspect', '--tls-verify=false', ...options, `docker://${reference}`),
      ) as {
        readonly Digest: string;
      };

    /** Takes every name of a repository out of the engine. */
    const forget = async ({ name, input }: Opened) => {
      const images = await docker().listImages({ filters: { reference: [name] } });
      const names = images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
      for (const reference of [...names, `${repository}:${inputTag(input)}`]) {
        await docker()
          .getImage(reference)
          .remove()
          // The last tag of a repository takes its digests along.
          .catch(() => undefined);
      }
    };

    const pruneOwn = () =>
      docker().pruneImages({
        filters: { dangling: ['true'], label: [`maestro.test.suite=${parts().docker.suite}`] },
      });

    describe('sending an image', () => {
      it('gives it the digest that others find there, under its tag, its guard and its input', async () => {
        const opened = open();
        const { engine, store, name, input } = opened;
        const { imageId } = await build(opened);
        const pushed = await engine.push({ repository, tag });
        expect(pushed).toMatchObject({ repository, tags: ['latest', tag], inputHash: input });
        expect(pushed.digest).not.toBe(imageId);
        for (const each of [tag, guardTag(pushed.digest), inputTag(input)]) {
          expect(inspectThere(`${name}:${each}`).Digest).toBe(pushed.digest);
        }
        expect(await store.list({ repository })).toEqual([pushed]);
        expect(await store.resolve({ repository, reference: pushed.digest })).toEqual(pushed);
        expect(await store.resolve({ repository, reference: imageId })).toBeUndefined();
      });

      it('leaves it where the store of the registry finds it, with the same facts', async () => {
        const opened = open();
        await build(opened);
        const { digest } = await opened.engine.push({ repository, tag });
        const there = openOciImageStore(opened.repositories);
        expect(await there.list({ repository })).toMatchObject([{ digest, tags: [tag], inputHash: opened.input }]);
        expect(await there.resolve({ repository, reference: inputTag(opened.input) })).toMatchObject({ digest });
      });

      it('sends an image that is there already under no tag again', async () => {
        await using front = await RegistryFront.open(parts()['image-repository'].address);
        const opened = openAt(front.origin);
        await build(opened);
        const { digest } = await opened.engine.push({ repository, tag });
        front.requests.length = 0;
        expect(await opened.engine.push({ repository, tag })).toMatchObject({ digest });
        expect(front.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
      });

      it('moves no layer for one more tag', async () => {
        await using front = await RegistryFront.open(parts()['image-repository'].address);
        const opened = openAt(front.origin);
        await build(opened);
        const { digest } = await opened.engine.push({ repository, tag });
        front.requests.length = 0;
        expect(await opened.engine.push({ repository, tag: 'latest' })).toMatchObject({ digest });
        expect(front.count('POST', /blobs\/uploads/)).toBe(0);
        expect(front.count('PUT', /manifests\/latest$/)).toBe(1);
      });

      it('tells of its layers and of its end', async () => {
        const opened = open();
        await build(opened);
        const events: ImageEvent[] = [];
        const { digest } = await opened.engine.push({ repository, tag }, { onEvent: (event) => events.push(event) });
        expect(events.at(-1)).toMatchObject({ type: 'image-pushed', repository, tag, digest });
        const layers = events.filter((event) => event.type === 'image-layer');
        expect(layers.every(({ direction, layer }) => direction === 'push' && /^[0-9a-f]{12}$/.test(layer))).toBe(true);
        expect(layers.map(({ status }) => status)).toContain('Pushed');
      });

      it('knows no image without the tag', async () => {
        const pushing = open().engine.push({ repository, tag: 'nowhere' });
        await expect(pushing).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_UNKNOWN_IMAGE'));
      });

      it('needs an image repository', async () => {
        const { engine } = openDockerEngine({ engine: parts().docker.address });
        const error: unknown = await engine.push({ repository, tag }).catch((reason: unknown) => reason);
        expect(isMaestroError(error, 'IMAGE_STORE_PUSH_FAILED')).toBe(true);
        expect(error).toMatchObject({ retryable: false, hint: expect.stringContaining('repositories') as string });
      });

      it('fails where no registry answers, and may be tried again', async () => {
        const opened = openAt('http://127.0.0.1:1');
        await build(opened);
        const error: unknown = await opened.engine.push({ repository, tag }).catch((reason: unknown) => reason);
        expect(isMaestroError(error, 'IMAGE_STORE_PUSH_FAILED')).toBe(true);
        expect(error).toMatchObject({ retryable: true });
      });
    });

    describe('fetching an image', () => {
      it('has it by digest, guarded, as it was sent', async () => {
        const opened = open();
        await build(opened);
        const pushed = await opened.engine.push({ repository, tag });
        await forget(opened);
        expect(await opened.store.list({ repository })).toEqual([]);

        const events: ImageEvent[] = [];
        const key = { repository, digest: pushed.digest };
        const pulled = await opened.engine.pull(key, { onEvent: (event) => events.push(event) });
        expect(pulled).toEqual({ ...pushed, tags: [] });
        expect(events.at(-1)).toMatchObject({ type: 'image-pulled', ...key });
        expect(events.filter((event) => event.type === 'image-layer')).not.toEqual([]);
        await expect(
          docker()
            .getImage(`${opened.name}:${guardTag(pushed.digest)}`)
            .inspect(),
        ).resolves.toBeDefined();
      });

      it('asks no registry for an image that it holds', async () => {
        await using front = await RegistryFront.open(parts()['image-repository'].address);
        const opened = openAt(front.origin);
        await build(opened);
        const { digest } = await opened.engine.push({ repository, tag });
        await forget(opened);
        await opened.engine.pull({ repository, digest });
        // By its guard; then by nothing but the digest that it has in the repository.
        for (const lost of [undefined, guardTag(digest)]) {
          if (lost !== undefined) {
            await docker().getImage(`${opened.name}@${digest}`).tag({ repo: opened.name, tag: 'other' });
            await docker().getImage(`${opened.name}:${lost}`).remove();
          }
          front.requests.length = 0;
          expect(await opened.engine.pull({ repository, digest })).toMatchObject({ digest });
          expect(front.requests).toEqual([]);
        }
        await expect(
          docker()
            .getImage(`${opened.name}:${guardTag(digest)}`)
            .inspect(),
        ).resolves.toBeDefined();
      });

      it('fails for a digest that nobody has', async () => {
        const key = { repository, digest: `sha256:${'0'.repeat(64)}` };
        const error: unknown = await open()
          .engine.pull(key)
          .catch((reason: unknown) => reason);
        expect(isMaestroError(error, 'IMAGE_STORE_PULL_FAILED')).toBe(true);
        expect(error).toMatchObject({ retryable: false });
      });

      it('keeps it from being collected, which an image by digest alone is', async () => {
        const [kept, lost] = [open(), open()];
        const digests: string[] = [];
        for (const opened of [kept, lost]) {
          await build(opened);
          digests.push((await opened.engine.push({ repository, tag })).digest);
          await forget(opened);
        }
        const [keptDigest = '', lostDigest = ''] = digests;
        await kept.engine.pull({ repository, digest: keptDigest });
        const progress = await docker().pull(`${lost.name}@${lostDigest}`);
        await text(progress);
        const holdsLost = () => lost.store.resolve({ repository, reference: lostDigest });
        expect(await holdsLost()).toBeDefined();

        await pruneOwn();
        expect(await kept.store.resolve({ repository, reference: keptDigest })).toMatchObject({ digest: keptDigest });
        expect(await holdsLost()).toBeUndefined();
      });
    });

    describe('an image that a container uses', () => {
      it('is not removed, nor is any of its tags', async () => {
        const opened = open();
        const { imageId } = await build(opened);
        const { labels, suite } = parts().docker;
        const options = { name: newNamespace(suite), Image: imageId, Cmd: ['/none'], Labels: labels };
        const container = await docker().createContainer(options);
        const removing = opened.store.remove({ repository, digest: imageId });
        const error: unknown = await removing.catch((reason: unknown) => reason);
        expect(isMaestroError(error, 'IMAGE_STORE_ENGINE_FAILED')).toBe(true);
        expect(error).toMatchObject({ hint: expect.stringContaining(`docker rm ${options.name}`) as string });
        expect(await opened.store.resolve({ repository, reference: tag })).toMatchObject({ tags: ['latest', tag] });
        await container.remove();
        await opened.store.remove({ repository, digest: imageId });
        expect(await opened.store.list({ repository })).toEqual([]);
      });
    });

    describe('a registry behind TLS and a password', () => {
      const login = (given?: string): CredentialSource => {
        const { username, password } = parts()['secured-image-repository'];
        return () => Promise.resolve({ username, password: new Redacted(given ?? password) });
      };
      const openSecured = (credentials?: CredentialSource) =>
        openAt(parts()['secured-image-repository'].address.replace(/\/$/, ''), credentials);

      it('has the image under the digest that others find', async () => {
        const opened = openSecured(login());
        await build(opened);
        const pushed = await opened.engine.push({ repository, tag });
        const { username, password } = parts()['secured-image-repository'];
        const found = inspectThere(`${opened.name}:${tag}`, `--creds=${username}:${password}`);
        expect(found.Digest).toBe(pushed.digest);
        await forget(opened);
        expect(await opened.engine.pull({ repository, digest: pushed.digest })).toEqual({ ...pushed, tags: [] });
        const reference = `${opened.name}@${pushed.digest}`;
        expect(await opened.builder.resolveBase({ reference })).toBe(pushed.digest);
        await forget(opened);
        expect(await opened.builder.resolveBase({ reference })).toBe(pushed.digest);
      });

      it.each(['nobody', 'somebody with a wrong password'])(
        'refuses %s, and no error, event or image holds a password',
        async (who) => {
          const canary = 'canary-horse-staple';
          const opened = openSecured(who === 'nobody' ? undefined : login(canary));
          const { imageId } = await build(opened);
          const events: ImageEvent[] = [];
          const onEvent = (event: ImageEvent) => events.push(event);
          const attempts = [
            opened.engine.push({ repository, tag }, { onEvent }),
            opened.engine.pull({ repository, digest: `sha256:${'0'.repeat(64)}` }, { onEvent }),
          ];
          const errors = await Promise.all(attempts.map((attempt) => attempt.catch((error: unknown) => error)));
          expect(errors).toMatchObject([
            { code: 'IMAGE_STORE_PUSH_FAILED', hint: expect.stringContaining('docker login 127.0.0.1:') as string },
            { code: 'IMAGE_STORE_PULL_FAILED', hint: expect.stringContaining('docker login 127.0.0.1:') as string },
          ]);
          const inspected = await docker().getImage(imageId).inspect();
          const everything = [
            inspect(errors, { depth: null, showHidden: true }),
            JSON.stringify([errors, events, inspected]),
          ];
          for (const each of everything) expect(each).not.toContain(canary);
          expect(inspect(opened, { depth: null, showHidden: true })).not.toContain(canary);
        },
      );

      it('is asked once more with another login where the first one was kept for too long', async () => {
        const { username, password } = parts()['secured-image-repository'];
        const asked: boolean[] = [];
        const opened = openSecured((_, question) => {
          const renewed = question?.refused !== undefined;
          asked.push(renewed);
          return Promise.resolve({ username, password: new Redacted(renewed ? password : 'expired') });
        });
        await build(opened);
        expect(await opened.engine.push({ repository, tag })).toMatchObject({ tags: ['latest', tag] });
        expect(asked.slice(0, 2)).toEqual([false, true]);
      });

      it('trusts its own certificate file, as the store does', async () => {
        const { ca } = parts()['secured-image-repository'];
        const opened = openSecured(login());
        await build(opened);
        const { digest } = await opened.engine.push({ repository, tag });
        const certificate = ca === undefined ? undefined : await readFile(ca, 'utf8');
        const there = openOciImageStore({ ...opened.repositories, credentials: login(), ca: certificate });
        expect(await there.resolve({ repository, reference: tag })).toMatchObject({ digest });
      });
    });
  },
);
