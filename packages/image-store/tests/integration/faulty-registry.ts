import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { type Clock, isMaestroError, Redacted, systemClock } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { expect } from 'vitest';

import type { AssembledImage, ImageStore, ImageStoreErrorCode } from '../../src/index.ts';
import { openOciImageStore } from '../../src/oci.ts';
import { type Fault, RegistryFront } from './registry-front.ts';
import { imageOf, newNamespace, repository } from './registry-images.ts';
import { TokenService } from './token-service.ts';

export const login = { username: 'ada', password: randomBytes(16).toString('hex') };

/** A store in a registry that wants tokens, and an image in it. */
export interface Scene extends AsyncDisposable {
  readonly front: RegistryFront;
  /** Another host, with the same registry behind it, that asks for no login. */
  readonly storage: RegistryFront;
  readonly tokens: TokenService;
  readonly store: ImageStore;
  readonly image: AssembledImage;
  readonly logger: RecordingLogger;
}

export interface FaultCase {
  readonly name: string;
  readonly fault: (scene: Scene) => Fault;
  readonly work: (scene: Scene) => Promise<unknown>;
  readonly outcome: ImageStoreErrorCode | 'recovers';
  /** How many requests meet the fault, or would if it were not over. */
  readonly asked: number;
  readonly clock?: Clock;
}

export interface SceneOptions {
  readonly registry: string;
  readonly prefix: string;
  readonly clock?: Clock | undefined;
}

export async function openScene({ registry, prefix, clock = systemClock }: SceneOptions): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const tokens = opened.use(await TokenService.open());
  const front = opened.use(await RegistryFront.open(registry, tokens.gate));
  const storage = opened.use(await RegistryFront.open(registry));
  const logger = new RecordingLogger();
  const store = openOciImageStore({
    registry: front.origin,
    namespace: newNamespace(prefix),
    credentials: () => Promise.resolve({ username: login.username, password: new Redacted(login.password) }),
    clock,
    logger,
  });
  const image = await imageOf('one');
  await store.put(image);
  const scene = opened.move();
  return { front, storage, tokens, store, image, logger, [Symbol.asyncDispose]: () => scene.disposeAsync() };
}

/** Works while the registry has a fault, and expects the outcome that the case names. */
export async function expectOutcome({ fault, work, outcome, asked }: FaultCase, scene: Scene): Promise<void> {
  const { method, path, ...rest } = fault(scene);
  scene.front.requests.length = 0;
  scene.front.put({ method, path, ...rest });
  const error = await work(scene).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isMaestroError(error) ? error.code : (error ?? 'recovers')).toBe(outcome);
  expect(scene.front.count(method, path)).toBe(asked);
  expectNoSecretIn([error, scene.logger.lines], scene);
}

/** Neither the password nor a token, as it is or as headers and forms hold it. */
export function expectNoSecretIn(said: unknown, { tokens }: Scene): void {
  const text = inspect(said, { depth: Infinity, showHidden: true, maxStringLength: Infinity }) + JSON.stringify(said);
  const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  for (const secret of [login.password, basic, ...tokens.tokens]) expect(text).not.toContain(secret);
}

/** Puts another image and finds it. */
export async function push({ store }: Scene): Promise<void> {
  const image = await imageOf('another');
  await store.put(image);
  const { digest, tag } = image;
  expect(await store.resolve({ repository, reference: tag })).toMatchObject({ digest, tags: ['latest', tag] });
}

export async function resolveTag({ store, image: { digest, tag } }: Scene): Promise<void> {
  expect(await store.resolve({ repository, reference: tag })).toMatchObject({ digest, tags: ['latest', tag] });
}

export async function resolveDigest({ store, image }: Scene): Promise<void> {
  expect(await store.resolve({ repository, reference: image.digest })).toMatchObject({ digest: image.digest });
}

/** Unpacks the image whole, or nothing. */
export async function unpack({ store, image }: Scene): Promise<void> {
  const above = await mkdtemp(join(tmpdir(), 'maestro-oci-'));
  const folder = join(above, 'one');
  try {
    await store.unpack({ repository, digest: image.digest, folder });
    expect(await readFile(join(folder, 'main.js'), 'utf8')).toBe('one');
  } catch (error) {
    expect(await readdir(above)).toEqual([]);
    throw error;
  } finally {
    await rm(above, { recursive: true });
  }
}
