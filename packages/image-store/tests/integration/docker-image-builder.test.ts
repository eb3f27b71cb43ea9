import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { guardTag, inputTag } from '../../src/image/guard-tags.ts';
import type { BuildRequest } from '../../src/index.ts';
import { imageBuilderContract } from '../../src/testing.ts';
import { contextOf } from './build-contexts.ts';
import { EngineFront, forward } from './engine-front.ts';
import { newNamespace } from './registry-images.ts';

// Making the base image takes a minute where nobody has done so before.
const baseImageMs = 5 * 60_000;

describeWith('the image builder in a Docker Engine', ['docker'], (parts) => {
  let base: string;
  beforeAll(async () => {
    base = (await ensureBaseImage({ engine: parts().docker.engine, name: 'node' })).reference;
  }, baseImageMs);

  describe.each(['BuildKit', 'the classic builder'])('by %s', (kind) => {
    const isBuildKit = kind === 'BuildKit';
    let front: EngineFront;
    beforeAll(async () => {
      const { engine } = parts().docker;
      front = await EngineFront.open(engine);
      if (isBuildKit) return;
      front.put(/ \/_ping/, (incoming, response) => {
        forward(engine, incoming, response, (headers) => ({ ...headers, 'builder-version': '1' }));
      });
    });
    afterAll(() => front[Symbol.asyncDispose]());

    const open = () => {
      const { suite, labels } = parts().docker;
      const repository = newNamespace(suite);
      const { builder, store } = openDockerEngine({ engine: front.address });
      const request = (files: Readonly<Record<string, string>>, changes: Partial<BuildRequest> = {}): BuildRequest => ({
        service: 'api',
        repository,
        tags: ['production-abc1234', 'latest'],
        context: contextOf({ ...files, 'suite.txt': repository }),
        dockerfile: 'Dockerfile',
        args: {},
        labels,
        ...changes,
      });
      return { builder, store, repository, labels, request };
    };

    describe('keeps the contract', () => {
      for (const { name, run } of imageBuilderContract(() => Promise.resolve(open()))) it(name, run);
    });

    it('is the one that builds', async () => {
      const { builder, request } = open();
      await builder.build(request({ Dockerfile: 'FROM scratch\nCOPY . /' }));
      expect(front.requests.findLast((asked) => asked.startsWith('POST /build'))?.includes('version=2')).toBe(
        isBuildKit,
      );
    });

    it('names, labels and guards what it builds', async () => {
      const { builder, store, repository, request } = open();
      const input = `sha256:${'1'.repeat(64)}`;
      const labels = {
        ...parts().docker.labels,
        'maestro.input': input,
        'org.opencontainers.image.revision': 'abc1234',
        'org.opencontainers.image.created': '2026-02-01T10:00:00+02:00',
      };
      const tags = ['production-abc1234', 'latest', inputTag(input)];
      const built = await builder.build(request({ Dockerfile: 'FROM scratch\nCOPY . /' }, { tags, labels }));
      const stored = {
        repository,
        digest: built.imageId,
        tags: ['latest', 'production-abc1234'],
        inputHash: input,
        revision: 'abc1234',
        createdAt: '2026-02-01T08:00:00.000Z',
        sizeBytes: built.sizeBytes,
      };
      expect(await store.list({ repository })).toEqual([stored]);
      for (const reference of [built.imageId, 'latest', inputTag(input), guardTag(built.imageId)]) {
        expect(await store.resolve({ repository, reference })).toEqual(stored);
      }
    });

    it('keeps the image that another build takes every tag from', async () => {
      const { builder, store, repository, request } = open();
      const Dockerfile = 'FROM scratch\nCOPY . /';
      const first = await builder.build(request({ Dockerfile, 'main.js': 'one' }));
      await builder.build(request({ Dockerfile, 'main.js': 'two' }));
      expect(await store.resolve({ repository, reference: first.imageId })).toMatchObject({ tags: [] });
      expect(await store.list({ repository })).toHaveLength(2);
    });

    it('reports the command that fails, with what it printed', async () => {
      const { builder, request } = open();
      const command = 'echo "no such thing: ümläut" >&2; exit 7';
      // The classic builder leaves what it has built of it: with the label that goes with the suite.
      const label = `LABEL maestro.test.suite=${parts().docker.suite}`;
      const context = { Dockerfile: `FROM ${base}\n${label}\nARG TOKEN\nCOPY suite.txt /\nRUN ${command}\n` };
      const lines: string[] = [];
      const building = builder.build(request(context, { args: { TOKEN: 'canary' }, target: undefined }), {
        onEvent: (event) => {
          if (event.type === 'image-build-output') lines.push(event.line);
        },
      });
      const error: unknown = await building.catch((reason: unknown) => reason);
      expect(isMaestroError(error, 'IMAGE_STORE_BUILD_FAILED')).toBe(true);
      expect(error).toMatchObject({
        message: expect.stringMatching(
          /the build of api failed at ".*RUN echo .*7[\s\S]*no such thing: ümläut/,
        ) as string,
        hint: expect.stringContaining('build --file Dockerfile --build-arg TOKEN .') as string,
        retryable: false,
      });
      expect(lines).toContain('no such thing: ümläut');
      expect(JSON.stringify(error)).not.toContain('canary');
    });

    it.each([
      ['a stage that is not there', { target: 'nowhere' }, /nowhere/],
      ['a Dockerfile that is not there', { dockerfile: 'nowhere/Dockerfile' }, /nowhere/],
      ['a file that is not there', {}, /absent/],
    ])('reports %s', async (_, changes, expected) => {
      const { builder, request } = open();
      const building = builder.build(request({ Dockerfile: 'FROM scratch\nCOPY absent /' }, changes));
      const error: unknown = await building.catch((reason: unknown) => reason);
      expect(isMaestroError(error, 'IMAGE_STORE_BUILD_FAILED')).toBe(true);
      expect(String(error)).toMatch(expected);
    });

    it.each([{ repository: '../escape' }, { tags: ['a b'] }])('refuses the names of %j', async (changes) => {
      const { builder, request } = open();
      await expect(builder.build(request({ Dockerfile: 'FROM scratch' }, changes))).rejects.toSatisfy((error) =>
        isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'),
      );
    });

    it('starts from an image that was built before, by the name of its input', async () => {
      const { docker } = parts();
      const input = inputTag(`sha256:${'2'.repeat(64)}`);
      const { repository, request } = open();
      // With an image repository that the name in the Dockerfile does not know.
      const repositories = { registry: 'https://registry.example.com', namespace: newNamespace(docker.suite) };
      const { builder, store } = openDockerEngine({ engine: front.address, repositories });
      const Dockerfile = 'FROM scratch\nCOPY . /';
      const bottom = await builder.build(request({ Dockerfile }, { tags: ['latest', input] }));
      const context = { Dockerfile: `FROM ${repository}:${input}\nCOPY . /top/`, 'top.js': 'top()' };
      const top = await builder.build(request(context, { repository: `${repository}-top` }));
      expect(top.sizeBytes).toBeGreaterThan(bottom.sizeBytes);
      await store.remove({ repository, digest: bottom.imageId });
      await store.remove({ repository: `${repository}-top`, digest: top.imageId });
      expect(await openDockerEngine({ engine: front.address }).store.list({ repository })).toEqual([]);
    });
  });

  describe('an image that Dockerfiles start from', () => {
    const open = () => openDockerEngine({ engine: parts().docker.address });

    it('is known by its configuration where it came from no repository', async () => {
      const { id } = await ensureBaseImage({ engine: parts().docker.engine, name: 'node' });
      expect(await open().builder.resolveBase({ reference: base })).toBe(id);
    });

    it.each(['127.0.0.1:1/nobody/there:1', `127.0.0.1:1/nobody/there@sha256:${'0'.repeat(64)}`])(
      'is missed: %s',
      async (reference) => {
        const resolving = open().builder.resolveBase({ reference });
        const error: unknown = await resolving.catch((reason: unknown) => reason);
        expect(isMaestroError(error, 'IMAGE_STORE_PULL_FAILED')).toBe(true);
        expect(error).toMatchObject({ retryable: true, hint: expect.stringContaining(`pull ${reference}`) as string });
      },
    );

    it.each(['../etc', 'a b', '', 'node:24?x=1', 'node@sha256:0'])('cannot be called "%s"', async (reference) => {
      await expect(open().builder.resolveBase({ reference })).rejects.toSatisfy((error) =>
        isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'),
      );
    });
  });
});
