import { homedir } from 'node:os';
import { join } from 'node:path';

import { ArchiveCache } from './archive-cache.ts';
import { type BaseImageName, baseImages } from './base-images.ts';
import { DockerEngine, type EngineAddress } from './docker-engine.ts';
import { answers, dockerHub } from './hub.ts';
import { recipeOf } from './recipes.ts';
import { makeStandIn } from './stand-in.ts';

export interface EnsureBaseImageOptions {
  readonly engine: EngineAddress;
  readonly name: BaseImageName;
  /** `~/.cache/maestro/base-images` by default. */
  readonly cacheFolder?: string | undefined;
  /** Told what takes long, in lines for people. */
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BaseImage {
  readonly reference: string;
  readonly id: string;
  /** Where it was found; `built` is a stand-in made now, `cache` one that was made before. */
  readonly source: 'engine' | 'hub' | 'cache' | 'built';
}

/** Where the image comes from and what it is called, apart from the options that callers have. */
interface Origin {
  readonly reference: string;
  /** The registry that the engine would pull it from. */
  readonly hub: string;
}

/**
 * Makes a base image available in a Docker Engine: the one that is there, else the hub's, else a stand-in made of
 * Debian's packages. Throws BASE_IMAGE_ENGINE_FAILED, BASE_IMAGE_PULL_FAILED, BASE_IMAGE_LOAD_FAILED,
 * BASE_IMAGE_BUILD_FAILED, BASE_IMAGE_UNSUPPORTED or BASE_IMAGE_BUSY.
 */
export async function ensureBaseImage(options: EnsureBaseImageOptions): Promise<BaseImage> {
  return await ensureImage(options, { reference: baseImages[options.name], hub: dockerHub });
}

export async function ensureImage(options: EnsureBaseImageOptions, { reference, hub }: Origin): Promise<BaseImage> {
  const { onProgress: say = () => undefined, signal } = options;
  const engine = new DockerEngine(options.engine);
  const present = await engine.find(reference, signal);
  if (present !== undefined) return { reference, id: present, source: 'engine' };

  if (await answers(hub, signal)) {
    say(`pulling ${reference} …`);
    return { reference, id: await engine.pull(reference, signal), source: 'hub' };
  }
  return await loadStandIn(engine, reference, { ...options, say });
}

interface LoadOptions extends EnsureBaseImageOptions {
  readonly say: (line: string) => void;
}

async function loadStandIn(engine: DockerEngine, reference: string, options: LoadOptions): Promise<BaseImage> {
  const { name, cacheFolder = defaultCacheFolder(), say, signal } = options;
  const cache = new ArchiveCache(cacheFolder);
  using _ = await cache.hold(signal);
  // Whoever held the cache meanwhile may have loaded it.
  const present = await engine.find(reference, signal);
  if (present !== undefined) return { reference, id: present, source: 'engine' };

  const recipe = recipeOf(name);
  const cached = await cache.find(recipe);
  const archive = cached ?? (await makeStandIn(recipe, { cache, say, signal }));
  say(`loading ${reference} …`);
  const id = await engine.load(archive, reference, signal);
  return { reference, id, source: cached === undefined ? 'built' : 'cache' };
}

function defaultCacheFolder(): string {
  return join(homedir(), '.cache', 'maestro', 'base-images');
}
