import { isMaestroError, isoTime, messageOf } from '@maestro/core';
import { rollbackTarget, isUsable, newestUsable, type ReleasedImage } from '@maestro/image-store';
import { selectServices } from '@maestro/registry';
import { ulid } from 'ulid';

import { concurrently } from '../release/concurrently.ts';
import { type PushedRelease, recordPushed } from './build-and-push.ts';
import type { BuiltImages, RollbackImagesOptions, ServiceImage } from './environment-images.ts';
import type { ImageParts, ImageWork } from './image-parts.ts';

/** Has the images of an earlier release on this machine as the latest ones, and remembers that; nothing is built. */
export async function rollbackImages(parts: ImageParts, options: RollbackImagesOptions = {}): Promise<BuiltImages> {
  const { environment, history, clock } = parts;
  const signal = options.signal ?? new AbortController().signal;
  const records = await history.list({ environment: environment.name, limit: Number.MAX_SAFE_INTEGER }, { signal });
  const current = newestUsable(records)?.id ?? null;
  const target = rollbackTarget({ records, current, to: options.to, counts: isUsable });
  const pushed: PushedRelease = {
    id: ulid(clock.now()),
    kind: 'rollback',
    at: isoTime(clock),
    restores: target.id,
    started: clock.monotonic(),
    signal,
  };
  const wanted = selectServices(
    target.services.map((service) => ({ ...service, dependsOn: [] })),
    options.services,
  );
  const work: ImageWork = { onEvent: options.onEvent, signal };
  // They are in the history already, so that nobody prunes them. No tag moves before all of them are here.
  const restored = await concurrently(wanted, signal, (service, inner) =>
    fetchReleased(parts, service, { ...work, signal: inner }),
  );
  for (const image of restored) await makeLatest(parts, image, signal);
  await recordPushed(parts, restored, pushed);
  return { release: pushed.id, services: restored };
}

async function fetchReleased(parts: ImageParts, released: ReleasedImage, work: ImageWork): Promise<ServiceImage> {
  const repository = `${parts.environment.project}-${released.name}`;
  const { digest } = released;
  const { revision } = await parts.fetch({ repository, digest }, work);
  const tag = released.image.slice(released.image.lastIndexOf(':') + 1);
  return { service: released.name, repository, tag, digest, revision, built: false };
}

async function makeLatest(parts: ImageParts, { repository, digest }: ServiceImage, signal: AbortSignal): Promise<void> {
  for (const { place, store } of parts.places) {
    try {
      await store.retag({ repository, digest, tag: 'latest' }, { signal });
    } catch (error) {
      // A way back must not depend on an image repository that is down; its tag follows with the next push.
      if (place !== 'repository' || !isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')) throw error;
      parts.logger.warn('the image repository still has another image as latest', {
        repository,
        error: messageOf(error),
      });
    }
  }
}
