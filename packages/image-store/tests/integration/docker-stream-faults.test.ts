import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isMaestroError } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describeWith } from '@maestro/services/vitest';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { guardTag } from '../../src/image/guard-tags.ts';
import type { AssembledImage, ImageStoreErrorCode } from '../../src/index.ts';
import { contextOf } from './build-contexts.ts';
import { answering, type EngineFaultCase, ok, streamFaults } from './engine-faults.ts';
import { EngineFront, type EngineReaction } from './engine-front.ts';
import { imageOf, newNamespace, repository } from './registry-images.ts';

const nowhere = `sha256:${'0'.repeat(64)}`;
const tag = 'production-abc1234';

interface Operation {
  readonly name: string;
  /** The request whose answer goes wrong. */
  readonly path: RegExp;
  readonly code: ImageStoreErrorCode;
  /** What the engine says when all is well, the last line that it is. */
  readonly lines: () => readonly string[];
  readonly run: () => Promise<unknown>;
  readonly faults: readonly EngineFaultCase[];
  /** Answers as in a success, so that nothing but the fault makes it fail. */
  readonly succeed?: EngineReaction;
}

describeWith('what an engine says of its work', ['docker', 'image-repository'], (parts) => {
  const clock = new ManualClock();
  let front: EngineFront;
  let namespace: string;
  let image: AssembledImage;
  let imageId: string;
  let pushedDigest: string;
  let folder: string;

  const docker = () => new Docker({ host: '', ...parts().docker.engine, protocol: 'http' });
  const open = () =>
    openDockerEngine({
      engine: front.address,
      repositories: { registry: parts()['image-repository'].address, namespace },
      clock,
    });
  const nameOf = (suite: string) => `${new URL(parts()['image-repository'].address).host}/${namespace}/${suite}`;

  const request = () => ({
    service: 'api',
    repository,
    tags: [tag],
    context: contextOf({ Dockerfile: 'FROM scratch\nCOPY . /', 'name.txt': namespace }),
    dockerfile: 'Dockerfile',
    args: {},
    labels: parts().docker.labels,
  });

  beforeAll(async () => {
    const { docker: engine } = parts();
    front = await EngineFront.open(engine.engine);
    namespace = newNamespace(engine.suite);
    folder = await mkdtemp(join(tmpdir(), 'maestro-docker-faults-'));
    imageId = (await open().builder.build(request())).imageId;
    pushedDigest = (await open().engine.push({ repository, tag })).digest;
    image = await imageOf(`saved ${namespace}`, { repository: 'shop-saved' });
    await open().store.put(image);
  });
  afterAll(() => front[Symbol.asyncDispose]());

  const operations: readonly Operation[] = [
    {
      name: 'build',
      path: /^POST \/build/,
      code: 'IMAGE_STORE_BUILD_FAILED',
      lines: () => [
        '{"stream":"Step 1/2 : FROM scratch"}',
        '{"stream":"\\n"}',
        `{"id":"moby.image.id","aux":{"ID":"${imageId}"}}`,
      ],
      run: () => open().builder.build(request()),
      succeed: answering((response) => ok(response).end(`{"aux":{"ID":"${imageId}"}}`)),
      faults: [
        ...streamFaults,
        saying('has a trace that is none', '{"id":"moby.buildkit.trace","aux":"/////w=="}', true, /trace/),
        saying('has a trace that is no text', '{"id":"moby.buildkit.trace","aux":{"a":1}}', true, /trace/),
        saying('ends with no image', '{"id":"moby.image.id","aux":{"ID":"latest"}}', true, /which image/),
        saying('ends with an image that is not there', `{"aux":{"ID":"${nowhere}"}}`, false, /does not hold/),
      ],
    },
    {
      name: 'push',
      path: /^POST \/images\/.*\/push/,
      code: 'IMAGE_STORE_PUSH_FAILED',
      lines: () => [
        '{"status":"Pushing","progressDetail":{"current":1,"total":2},"id":"abcdef123456"}',
        `{"progressDetail":{},"aux":{"Tag":"again","Digest":"${pushedDigest}","Size":500}}`,
      ],
      run: async () => {
        await docker()
          .getImage(imageId)
          .tag({ repo: nameOf(repository), tag: 'again' });
        return open().engine.push({ repository, tag: 'again' });
      },
      succeed: answering((response) =>
        ok(response).end(`{"aux":{"Tag":"again","Digest":"${pushedDigest}","Size":500}}`),
      ),
      faults: [
        ...streamFaults,
        saying('says what it is like, not its digest', '{"status":"again: digest: sha256:abc size: 5"}', true, /ended/),
        saying('ends with the digest of another tag', `{"aux":{"Tag":"b","Digest":"${nowhere}"}}`, true, /ended/),
        saying('ends with no digest', '{"aux":{"Tag":"again","Digest":"sha256:abc"}}', true, /ended/),
        saying('ends with a wrong digest', `{"aux":{"Tag":"again","Digest":"${nowhere}"}}`, true, /does not hold/),
      ],
    },
    {
      name: 'pull',
      path: /^POST \/images\/create/,
      code: 'IMAGE_STORE_PULL_FAILED',
      lines: () => [
        '{"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"abcdef123456"}',
        '{"status":"Status: Downloaded newer image for x"}',
      ],
      run: () => open().engine.pull({ repository: 'shop-pulled', digest: nowhere }),
      succeed: async (_, response) => {
        await docker()
          .getImage(imageId)
          .tag({ repo: nameOf('shop-pulled'), tag: guardTag(nowhere) });
        ok(response).end('{"status":"Status: Downloaded newer image for x"}');
      },
      faults: [
        ...streamFaults,
        saying(
          'ends, and the image is not there',
          '{"status":"Status: Image is up to date for x"}',
          true,
          /does not hold/,
        ),
      ],
    },
    {
      name: 'load',
      path: /^POST \/images\/load/,
      code: 'IMAGE_STORE_ENGINE_FAILED',
      lines: () => [
        '{"status":"Loading layer","progressDetail":{"current":1,"total":2},"id":"abcdef123456"}',
        '{"stream":"Loaded image: x\\n"}',
      ],
      run: async () => open().store.put(await imageOf(randomBytes(8).toString('hex'), { repository: 'shop-loaded' })),
      faults: [
        ...streamFaults,
        saying('ends, and the image is not there', '{"stream":"Loaded image: x"}', false, /nothing/),
      ],
    },
    {
      name: 'save',
      path: /^GET \/images\/.*\/get/,
      code: 'IMAGE_STORE_ENGINE_FAILED',
      lines: () => ['{"one":1}', '{"two":2}'],
      run: () =>
        open().store.unpack({ repository: 'shop-saved', digest: image.digest, folder: join(folder, 'unpacked') }),
      faults: [
        ...streamFaults.filter(({ name }) => !/error|details/.test(name)).map((fault) => ({ ...fault, tells: /./ })),
        archived('has no layer', () => [['manifest.json', Buffer.from('[]')]], /does not hold the layer/),
        archived('has a layer that was changed', () => [['a/layer.tar', Buffer.from('changed')]], /does not hold/),
        archived('ends in the middle of the layer', () => [['a/layer.tar', image.layer.contents]], /no whole/, 700),
        archived('ends in a header', () => [['a/layer.tar', image.layer.contents]], /no whole archive/, 300),
      ],
    },
  ];

  it('is put to the test in more than 25 ways', () => {
    expect(operations.flatMap(({ faults }) => faults).length).toBeGreaterThan(100);
  });

  describe.each(operations)('an answer to $name', ({ path, code, lines, run, faults }) => {
    it.each(faults)('that $name', async ({ answer, broken, tells, silent, unreachable }) => {
      let reached: () => void = () => undefined;
      const reaching = new Promise<void>((resolve) => (reached = resolve));
      const reaction = answer(lines());
      front.put(path, (incoming, response) => {
        reached();
        return reaction(incoming, response);
      });
      const outcome = run().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      const result = silent === true ? await reaching.then(() => afterSilence(clock, outcome)) : await outcome;
      expect(result).toMatchObject({
        error: { code: unreachable === true ? 'IMAGE_STORE_ENGINE_UNREACHABLE' : code, retryable: broken },
      });
      const { error } = result as { readonly error: Error };
      expect(isMaestroError(error)).toBe(true);
      expect(error).toMatchObject({ hint: expect.stringMatching(/docker/) as string });
      if (tells !== undefined) expect(error.message).toMatch(tells);
    });
  });

  it.each(operations.filter(({ succeed }) => succeed))(
    'is a success for $name without the fault',
    async ({ path, run, succeed = () => undefined }) => {
      front.put(path, succeed);
      await expect(run()).resolves.toBeDefined();
    },
  );

  it('leaves nothing in the folder of an image that could not be unpacked', async () => {
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not run on for a caller that gives up in the middle', async () => {
    const controller = new AbortController();
    front.put(/^POST \/images\/create/, (_, response) => {
      ok(response).write('{"status":"Waiting","id":"abcdef123456"}\r\n');
    });
    const key = { repository: 'shop-left', digest: nowhere };
    const pulling = open().engine.pull(key, {
      signal: controller.signal,
      onEvent: () => {
        controller.abort(new Error('given up'));
      },
    });
    await expect(pulling).rejects.toThrow('given up');
  });
});

/** An answer that ends with these lines instead of the right one. */
function saying(name: string, line: string, broken: boolean, tells: RegExp): EngineFaultCase {
  const answer = (lines: readonly string[]) =>
    answering((response) => ok(response).end([...lines.slice(0, -1), line].map((each) => `${each}\r\n`).join('')));
  return { name, answer, broken, tells };
}

/** An answer that is an archive of these files, or its first bytes. */
function archived(
  name: string,
  files: () => readonly (readonly [string, Uint8Array])[],
  tells: RegExp,
  length?: number,
): EngineFaultCase {
  const answer = () =>
    answering((response) => {
      const archive = pack();
      for (const [path, contents] of files()) archive.entry({ name: path }, Buffer.from(contents));
      archive.finalize();
      void (async () => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk);
        ok(response).end(Buffer.concat(chunks).subarray(0, length));
      })();
    });
  return { name, answer, broken: true, tells };
}

/** Lets time pass until it is over, however long what is on its way takes to arrive. */
async function afterSilence<T>(clock: ManualClock, outcome: Promise<T>): Promise<T> {
  const state = { over: false };
  void outcome.finally(() => (state.over = true));
  while (!state.over) {
    await sleep(5);
    await clock.advance(10 * 60_000);
  }
  return outcome;
}
