import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { expectOutcome, type FaultCase, openScene, push, type Scene } from './faulty-registry.ts';
import { answering, breakingOff, changing, type Reaction } from './registry-front.ts';
import { imageOf, repository } from './registry-images.ts';

const begun = { method: 'POST', path: /\/blobs\/uploads\// };
const uploads = { method: 'PUT', path: /\/blobs\/uploads\// };
const manifests = { method: 'PUT', path: /\/manifests\// };
const deletions = { method: 'DELETE', path: /\/manifests\// };

const withHeaders = (headers: Readonly<Record<string, string>>): Reaction =>
  changing((answer) => ({ ...answer, headers: { ...answer.headers, ...headers } }));
const withLocation = (change: (location: URL) => string): Reaction =>
  changing((answer) => ({
    ...answer,
    headers: { ...answer.headers, location: change(new URL(String(answer.headers?.location))) },
  }));

/** As Amazon ECR says it. */
const tagExists = { status: 400, body: '{"errors":[{"code":"TAG_INVALID","message":"the repository is immutable"}]}' };
const refusingWhatIsThere: Reaction = async ({ forward }) => {
  await forward();
  return tagExists;
};

const remove = async ({ store, image }: Scene) => {
  await store.remove({ repository, digest: image.digest });
  expect(await store.resolve({ repository, reference: image.digest })).toBeUndefined();
};

const cases: readonly FaultCase[] = [
  {
    name: 'the connection is cut before the answer to an upload',
    fault: () => ({ ...uploads, times: 1, reaction: breakingOff }),
    work: push,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'an upload is lost, once',
    fault: () => ({ ...uploads, times: 1, reaction: answering({ status: 502 }) }),
    work: push,
    outcome: 'recovers',
    asked: 3,
  },
  {
    name: 'no upload ever gets an answer',
    fault: () => ({ ...begun, reaction: answering({ status: 503 }) }),
    work: push,
    outcome: 'IMAGE_STORE_UNREACHABLE',
    asked: 4,
  },
  {
    name: 'the registry knows nothing of the upload it has begun',
    fault: () => ({ ...uploads, reaction: answering({ status: 404 }) }),
    work: push,
    outcome: 'IMAGE_STORE_PUSH_FAILED',
    asked: 1,
  },
  {
    name: 'the repository must be created first',
    fault: () => ({ ...begun, reaction: answering({ status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }) }),
    work: push,
    outcome: 'IMAGE_STORE_PUSH_FAILED',
    asked: 1,
  },
  {
    name: 'the place of an upload is relative',
    fault: () => ({ ...begun, reaction: withLocation(({ pathname, search }) => `${pathname}${search}`) }),
    work: push,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'the place of an upload is another host, which gets no login',
    fault: ({ storage }) => ({
      ...begun,
      reaction: withLocation(({ pathname, search }) => `${storage.origin}${pathname}${search}`),
    }),
    work: async (scene) => {
      await push(scene);
      expect(scene.storage.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
      expect(scene.storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    },
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'the place of an upload is another host, without https',
    fault: () => ({ ...begun, reaction: withLocation(({ pathname }) => `http://storage.example${pathname}`) }),
    work: push,
    outcome: 'IMAGE_STORE_UNEXPECTED_ANSWER',
    asked: 1,
  },
  {
    name: 'the registry says that it stored another blob',
    fault: () => ({ ...uploads, reaction: withHeaders({ 'docker-content-digest': `sha256:${'0'.repeat(64)}` }) }),
    work: push,
    outcome: 'IMAGE_STORE_PUSH_FAILED',
    asked: 1,
  },
  {
    name: 'the connection is cut before the answer to a manifest',
    fault: () => ({ ...manifests, times: 1, reaction: breakingOff }),
    work: push,
    outcome: 'recovers',
    asked: 4,
  },
  {
    name: 'the registry says that it stored another manifest',
    fault: () => ({ ...manifests, reaction: withHeaders({ 'docker-content-digest': `sha256:${'0'.repeat(64)}` }) }),
    work: push,
    outcome: 'IMAGE_STORE_PUSH_FAILED',
    asked: 1,
  },
  {
    name: 'the registry does not let the account write',
    fault: () => ({ ...begun, reaction: answering({ status: 403 }) }),
    work: push,
    outcome: 'IMAGE_STORE_DENIED',
    asked: 1,
  },
  {
    name: 'the same image is put again, into a repository whose tags cannot be written twice',
    fault: () => ({ ...manifests, reaction: answering({ status: 400, body: '{"errors":[{"code":"TAG_INVALID"}]}' }) }),
    work: async ({ store }) => {
      expect(await store.put(await imageOf('one'))).toMatchObject({ alreadyStored: true });
    },
    outcome: 'recovers',
    asked: 0,
  },
  {
    name: 'another deployer writes the same image first, where tags cannot be written twice',
    fault: () => ({ ...manifests, reaction: refusingWhatIsThere }),
    work: push,
    outcome: 'recovers',
    asked: 3,
  },
  {
    name: 'tags cannot be moved, and this one stands for another image',
    fault: () => ({ ...manifests, reaction: answering(tagExists) }),
    work: push,
    outcome: 'IMAGE_STORE_PUSH_FAILED',
    asked: 1,
  },
  {
    name: 'the connection is cut before the answer to a removal',
    fault: () => ({ ...deletions, times: 1, reaction: breakingOff }),
    work: remove,
    outcome: 'recovers',
    asked: 2,
  },
  {
    name: 'the registry deletes nothing',
    fault: () => ({
      ...deletions,
      reaction: answering({ status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }),
    }),
    work: remove,
    outcome: 'IMAGE_STORE_DELETE_DISABLED',
    asked: 1,
  },
];

describeWith('writing to a registry', ['image-repository'], (parts) => {
  it.each(cases)('when $name: $outcome', async (faultCase) => {
    const { address, prefix } = parts()['image-repository'];
    await using scene = await openScene({ registry: address, prefix });
    await expectOutcome(faultCase, scene);
  });
});
