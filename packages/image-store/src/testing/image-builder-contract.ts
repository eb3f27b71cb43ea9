import assert from 'node:assert/strict';

import { isMaestroError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';
import { pack } from 'tar-stream';

import type { BuildRequest, ImageBuilder } from '../ports/image-builder.ts';

export interface BuilderUnderTest {
  readonly builder: ImageBuilder;
  /** What it builds goes by this name, in which nothing else is. */
  readonly repository: string;
  /** Part of every image, so that no two runs share one. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What every image builder promises; `create` makes a builder with a repository of its own for each case. */
export function imageBuilderContract(create: () => Promise<BuilderUnderTest>): readonly ContractCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    run: async () => {
      await check(await create());
    },
  }));
}

const checks: Readonly<Record<string, (under: BuilderUnderTest) => Promise<void>>> = {
  'gives the image of a context': async (under) => {
    const built = await under.builder.build(request(under));
    assert.match(built.imageId, /^sha256:[0-9a-f]{64}$/);
    assert.ok(built.sizeBytes > 0);
  },

  'gives the same image for the same request': async (under) => {
    const built = await under.builder.build(request(under));
    assert.deepEqual(await under.builder.build(request(under)), built);
  },

  'gives another image for another file, argument, label or stage': async (under) => {
    const requests = [
      request(under),
      request(under, { context: contextOf({ ...files, 'main.js': 'other()' }) }),
      request(under, { args: { KIND: 'other' } }),
      request(under, { labels: { ...under.labels, kind: 'other' } }),
      request(under, { target: 'first' }),
    ];
    const ids = new Set<string>();
    for (const each of requests) ids.add((await under.builder.build(each)).imageId);
    assert.equal(ids.size, requests.length);
  },

  'tells of its progress': async (under) => {
    const lines: string[] = [];
    await under.builder.build(request(under), {
      onEvent: (event) => {
        if (event.type === 'image-build-output' && event.service === 'api') lines.push(event.line);
      },
    });
    assert.ok(lines.length > 0);
  },

  'is not stopped by an observer that throws': async (under) => {
    const onEvent = () => {
      throw new Error('not interested');
    };
    assert.match((await under.builder.build(request(under), { onEvent })).imageId, /^sha256:/);
  },

  'fails as its context does': async (under) => {
    const context = breakingOff(contextOf(files));
    await assert.rejects(under.builder.build(request(under, { context })), /the disk is gone/);
  },

  'does nothing for a caller that has given up': async (under) => {
    const signal = AbortSignal.abort(new Error('given up'));
    await assert.rejects(under.builder.build(request(under), { signal }), /given up/);
    await assert.rejects(under.builder.resolveBase({ reference: 'scratch-base:1' }, { signal }), /given up/);
  },

  'ends with the reason of a caller that gives up meanwhile': async (under) => {
    const controller = new AbortController();
    const context = thenDoing(contextOf(files), () => {
      controller.abort(new Error('given up'));
    });
    const building = under.builder.build(request(under, { context }), { signal: controller.signal });
    await assert.rejects(building, (error) => !isMaestroError(error) && String(error).includes('given up'));
  },
};

const files = {
  Dockerfile: [
    'FROM scratch AS first',
    'ARG KIND=usual',
    'LABEL built=$KIND',
    'COPY main.js /main.js',
    'FROM first',
    'COPY part.js /part.js',
  ].join('\n'),
  'main.js': 'start()',
  'part.js': 'part()',
};

function request({ repository, labels }: BuilderUnderTest, changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    service: 'api',
    repository,
    tags: ['production-abc1234', 'latest'],
    context: contextOf({ ...files, 'suite.txt': repository }),
    dockerfile: 'Dockerfile',
    args: {},
    labels,
    ...changes,
  };
}

function contextOf(contents: Readonly<Record<string, string>>): AsyncIterable<Uint8Array> {
  const archive = pack();
  for (const [name, text] of Object.entries(contents)) archive.entry({ name, mtime: new Date(0) }, text);
  archive.finalize();
  return bytesOf(archive);
}

/** The archive's own type does not say that it is one of bytes. */
async function* bytesOf(archive: AsyncIterable<unknown>) {
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
}

async function* breakingOff(context: AsyncIterable<Uint8Array>) {
  for await (const chunk of context) {
    yield chunk;
    throw new Error('the disk is gone');
  }
}

async function* thenDoing(context: AsyncIterable<Uint8Array>, then: () => void) {
  for await (const chunk of context) {
    yield chunk;
    then();
  }
}
