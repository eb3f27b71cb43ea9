import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { expectOutcome, type FaultCase, openScene, resolveDigest, resolveTag, unpack } from './faulty-registry.ts';
import { answering, changing, cutting, ending, endless, type Reaction, silent } from './registry-front.ts';

const blobs = { method: 'GET', path: /\/blobs\/sha256:/ };
const manifests = { method: 'GET', path: /\/manifests\// };
const tagLists = { method: 'GET', path: /\/tags\/list/ };

const damaging = changing((answer) => {
  const body = Buffer.from(answer.body ?? '');
  body.writeUInt8(body.readUInt8(10) ^ 1, 10);
  return { ...answer, body };
});
const namingNoDigest = changing((answer) => ({
  ...answer,
  headers: { ...answer.headers, 'docker-content-digest': undefined },
}));
const paging: Reaction = async ({ path, forward }) => {
  const { body = '', ...answer } = await forward();
  const { tags } = JSON.parse(body.toString()) as { readonly tags: readonly string[] };
  const { pathname, searchParams } = new URL(path, 'http://front');
  const page = Number(searchParams.get('last') ?? '0');
  const link = page + 1 < tags.length ? `<${pathname}?n=1&last=${page + 1}>; rel="next"` : undefined;
  const headers = { ...answer.headers, 'content-length': undefined, link };
  return { ...answer, headers, body: JSON.stringify({ tags: [tags[page]] }) };
};
const redirectingTo =
  (origin: string): Reaction =>
  ({ path }) =>
    Promise.resolve({ status: 307, headers: { location: `${origin}${path}` } });

const limiting = (seconds: number) => answering({ status: 429, headers: { 'retry-after': String(seconds) } });

/** Deadlines of a second, and no longer pauses. */
const hurried = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 1000), signal),
};

const cases: readonly FaultCase[] = [
  {
    name: 'a blob is cut in the middle, once',
    fault: () => ({ ...blobs, times: 1, reaction: cutting }),
    work: unpack,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'a blob is cut in the middle each time',
    fault: () => ({ ...blobs, reaction: cutting }),
    work: unpack,
    outcome: 'IMAGE_STORE_UNREACHABLE',
    asked: 4,
  },
  {
    name: 'a blob ends early as if that were all of it',
    fault: () => ({ ...blobs, reaction: ending }),
    work: unpack,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a blob has the right length and wrong bytes',
    fault: () => ({ ...blobs, reaction: damaging }),
    work: unpack,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a blob never ends',
    fault: () => ({ ...blobs, reaction: endless }),
    work: unpack,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a blob that the manifest names is missing',
    fault: () => ({ ...blobs, reaction: answering({ status: 404 }) }),
    work: unpack,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a manifest asked for by its digest is another one',
    fault: () => ({ ...manifests, reaction: damaging }),
    work: resolveDigest,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a manifest asked for by a tag is not the one that the registry says it is',
    fault: () => ({ ...manifests, reaction: damaging }),
    work: resolveTag,
    outcome: 'IMAGE_STORE_CORRUPT',
    asked: 1,
  },
  {
    name: 'a proxy answers with a page of its own',
    fault: () => ({ ...tagLists, reaction: answering({ status: 200, body: '<html>Sign in</html>' }) }),
    work: resolveTag,
    outcome: 'IMAGE_STORE_UNEXPECTED_ANSWER',
    asked: 1,
  },
  {
    name: 'the registry names no digests',
    fault: () => ({ method: 'HEAD', path: manifests.path, reaction: namingNoDigest }),
    work: resolveTag,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'the registry lists one tag a page',
    fault: () => ({ ...tagLists, reaction: paging }),
    work: resolveTag,
    outcome: 'recovers',
    asked: 3,
  },
  {
    name: 'the registry limits requests for a second',
    fault: () => ({ ...manifests, times: 1, reaction: limiting(1) }),
    work: resolveTag,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'the registry limits requests for an hour',
    fault: () => ({ ...manifests, reaction: limiting(3600) }),
    work: resolveTag,
    outcome: 'IMAGE_STORE_UNREACHABLE',
    asked: 1,
  },
  {
    name: 'the registry stays overloaded',
    fault: () => ({ ...manifests, reaction: answering({ status: 503 }) }),
    work: resolveTag,
    outcome: 'IMAGE_STORE_UNREACHABLE',
    asked: 4,
  },
  {
    name: 'the registry never answers',
    fault: () => ({ ...manifests, reaction: silent }),
    work: resolveTag,
    outcome: 'IMAGE_STORE_UNREACHABLE',
    asked: 4,
    clock: hurried,
  },
  {
    name: 'a blob is at another host, which gets no login',
    fault: ({ storage }) => ({ ...blobs, reaction: redirectingTo(storage.origin) }),
    work: async (scene) => {
      await unpack(scene);
      expect(scene.storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    },
    outcome: 'recovers',
    asked: 1,
  },
  {
    name: 'a blob is at another host, without https',
    fault: () => ({ ...blobs, reaction: redirectingTo('http://storage.example') }),
    work: unpack,
    outcome: 'IMAGE_STORE_UNEXPECTED_ANSWER',
    asked: 1,
  },
  {
    name: 'the other host refuses what the registry signed, once',
    fault: ({ storage }) => {
      storage.put({ ...blobs, times: 1, reaction: answering({ status: 403 }) });
      return { ...blobs, reaction: redirectingTo(storage.origin) };
    },
    work: unpack,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'redirects lead in a circle',
    fault: ({ front }) => ({ ...blobs, reaction: redirectingTo(front.origin) }),
    work: unpack,
    outcome: 'IMAGE_STORE_UNEXPECTED_ANSWER',
    asked: 6,
  },
];

describeWith('reading from a registry', ['image-repository'], (parts) => {
  it.each(cases)('when $name: $outcome', async (faultCase) => {
    const { address, prefix } = parts()['image-repository'];
    await using scene = await openScene({ registry: address, prefix, clock: faultCase.clock });
    await expectOutcome(faultCase, scene);
  });
});
