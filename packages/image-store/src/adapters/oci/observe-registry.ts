import { systemClock } from '@maestro/core';

import type { Cancellable } from '../../ports/image-store.ts';
import { describeFailure, expectStatus } from './answers.ts';
import { pushFailed } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import { type OciRegistryOptions, openRegistry } from './open-registry.ts';
import type { RegistryClient } from './registry-client.ts';

/** What a registry lets somebody do in one repository. */
export interface RegistryFacts {
  /** Null where it may be read from; else what came of the try. */
  readonly pullFailure: unknown;
  /** The same for writing to it. */
  readonly pushFailure: unknown;
  /** Whether the repository is there; null where nobody may read it. */
  readonly exists: boolean | null;
  /** The registry's clock minus that of this machine, in steps of a second; null where it does not tell the time. */
  readonly clockOffsetMs: number | null;
}

/**
 * Tries what a deployment does with a repository: it reads its tags, and begins an upload, which it takes back. Nothing
 * else is written, and nothing stays.
 */
export async function observeRegistry(
  options: OciRegistryOptions & { readonly repository: string },
  { signal }: Cancellable = {},
): Promise<RegistryFacts> {
  const { clock = systemClock } = options;
  const { parts, prefix } = openRegistry(options);
  const place = { repository: `${prefix}${options.repository}`, signal };
  const asked = clock.now();
  const pull = await outcome(readTags(parts.client, place));
  const here = (asked + clock.now()) / 2;
  const push = await outcome(beginUpload(parts.client, place));
  const date = Date.parse(pull.answer?.header('date') ?? '');
  return {
    pullFailure: pull.failure,
    pushFailure: push.failure,
    exists: pull.answer === null ? null : pull.answer.status === 200,
    clockOffsetMs: Number.isNaN(date) ? null : Math.round(date - here),
  };
}

interface Place extends Cancellable {
  readonly repository: string;
}

async function readTags(client: RegistryClient, place: Place): Promise<HttpAnswer> {
  return expectStatus(
    await client.once({ ...place, method: 'GET', action: 'pull', target: 'tags/list?n=1' }),
    [200, 404],
  );
}

async function beginUpload(client: RegistryClient, place: Place): Promise<HttpAnswer> {
  const begun = await client.once({ ...place, method: 'POST', action: 'push', target: 'blobs/uploads/' });
  if (begun.status !== 202) {
    throw pushFailed({ ...begun, repository: place.repository }, `expected 202, was ${describeFailure(begun)}`);
  }
  // Where a registry cannot take it back, it forgets uploads that nobody goes on with.
  const target = client.locationOf(begun);
  await client.once({ ...place, method: 'DELETE', action: 'push', target }).catch(() => undefined);
  return begun;
}

async function outcome(work: Promise<HttpAnswer>) {
  return work.then(
    (answer) => ({ answer, failure: null }),
    (failure: unknown) => ({ answer: null, failure }),
  );
}
