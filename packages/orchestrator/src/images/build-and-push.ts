import { isoTime } from '@maestro/core';
import { newestUsable, type ReleaseRecord, scanImages } from '@maestro/image-store';
import { selectServices } from '@maestro/registry';
import { ulid } from 'ulid';

import { concurrently } from '../release/concurrently.ts';
import { whileClaimed } from './claimed-images.ts';
import type {
  BuildImagesOptions,
  BuiltImages,
  ScannedImage,
  ServiceImage,
  ServiceImagesOptions,
} from './environment-images.ts';
import type { ImageParts } from './image-parts.ts';
import { noScanner } from './errors.ts';

/** Builds what changed; with `push` it is sent, judged and remembered. */
export async function buildImages(parts: ImageParts, options: BuildImagesOptions = {}): Promise<BuiltImages> {
  const services = await parts.build(workOf(parts, options));
  return options.push === true ? await sendAndRecord(parts, services, options) : { release: null, services };
}

/** Sends what is built already. */
export async function pushImages(parts: ImageParts, options: ServiceImagesOptions = {}): Promise<BuiltImages> {
  return await sendAndRecord(parts, await parts.find(workOf(parts, options)), options);
}

/** Judges what is built already. */
export async function scanServices(
  parts: ImageParts,
  options: ServiceImagesOptions = {},
): Promise<readonly ScannedImage[]> {
  if (parts.scan === null) throw noScanner(parts.environment.name);
  return await judged(parts, await parts.find(workOf(parts, options)), options);
}

/** What is refused stays where it was sent, and in no history: no release and no rollback gets it. */
async function sendAndRecord(
  parts: ImageParts,
  built: readonly ServiceImage[],
  options: ServiceImagesOptions,
): Promise<BuiltImages> {
  const { clock } = parts;
  const { onEvent } = options;
  const signal = options.signal ?? new AbortController().signal;
  const pushed: PushedRelease = {
    id: ulid(clock.now()),
    kind: 'push',
    at: isoTime(clock),
    restores: null,
    started: clock.monotonic(),
    signal,
  };
  const send = (images: readonly ServiceImage[]) =>
    concurrently(images, signal, (image, inner) => parts.send(image, { onEvent, signal: inner }));
  const sent = await send(built);
  await whileClaimed(parts, sent, pushed, async (missing) => {
    await send(missing);
    await judged(parts, sent, { onEvent, signal });
    await recordPushed(parts, sent, pushed);
  });
  return { release: pushed.id, services: sent };
}

export interface PushedRelease {
  /** A ULID. */
  readonly id: string;
  readonly kind: 'push' | 'rollback';
  readonly at: string;
  readonly restores: string | null;
  /** The clock's monotonic time. */
  readonly started: number;
  readonly signal: AbortSignal | undefined;
}

/** Remembers images that are where they are run from; services that are left out keep those they had. */
export async function recordPushed(
  parts: ImageParts,
  images: readonly ServiceImage[],
  { id, kind, at, restores, started, signal }: PushedRelease,
): Promise<void> {
  const { environment, history, clock, by } = parts;
  const records = await history.list({ environment: environment.name, limit: Number.MAX_SAFE_INTEGER }, { signal });
  const previous = newestUsable(records);
  const names = new Set(images.map(({ service }) => service));
  const kept = previous?.services.filter(({ name }) => !names.has(name)) ?? [];
  const record: ReleaseRecord = {
    id,
    environment: environment.name,
    at,
    by,
    kind,
    outcome: 'pushed',
    durationMs: Math.round(clock.monotonic() - started),
    previousHealthy: previous?.id ?? null,
    restores,
    reason: null,
    services: [
      ...images.map(({ service, repository, tag, digest }) => ({
        name: service,
        image: `${repository}:${tag}`,
        digest,
        configHash: '',
        secretVersions: {},
      })),
      ...kept,
    ],
  };
  await history.record(record, { signal });
}

/** What the environment's policy says of images; nothing where it has none. */
export async function judged(
  { scan, clock, logger }: ImageParts,
  images: readonly ServiceImage[],
  { onEvent, signal }: Pick<ServiceImagesOptions, 'onEvent' | 'signal'>,
): Promise<readonly ScannedImage[]> {
  if (scan === null) return [];
  const outcome = await scanImages({ ...scan, images, clock, logger, onEvent, signal });
  return outcome.images.map(({ image, report, allowed }) => {
    const service = images.find(({ digest, repository }) => digest === image.digest && repository === image.repository);
    return { service: service?.service ?? image.repository, digest: image.digest, report, allowed };
  });
}

function workOf({ environment }: ImageParts, { services, ref, onEvent, signal }: ServiceImagesOptions) {
  return { services: selectServices(environment.services, services), ref, onEvent, signal };
}
