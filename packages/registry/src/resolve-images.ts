import { resolve } from 'node:path';

import type { Base, EnvironmentDefinition, Service } from './registry-schema.ts';

/** What an image is built of, paths absolute. */
export interface ResolvedImage {
  readonly dockerfile: string;
  /** The folder that the build sees. */
  readonly contextFolder: string;
  /** Undefined for the last stage. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
}

export interface ResolvedBase extends ResolvedImage {
  readonly name: string;
}

type EnvironmentImages = NonNullable<EnvironmentDefinition['images']>;

/** Where an environment's images are built and kept, its paths absolute. */
export interface ResolvedImages extends Readonly<Pick<EnvironmentImages, 'buildx' | 'ca' | 'engine' | 'scan'>> {
  /** Null where images stay in the engine. */
  readonly repository: { readonly registry: string; readonly namespace: string | null } | null;
  readonly allowDirty: boolean;
}

/** How much is kept besides what runs; what is not named is left to the defaults. */
export interface ResolvedRetention {
  /** Of the newest images of each service. */
  readonly images?: number | undefined;
  /** Of releases, by environment: whoever removes images must know what all environments may return to. */
  readonly releases: Readonly<Record<string, number>>;
}

export function resolveImages(
  images: EnvironmentImages = {},
  { environment, root }: { readonly environment: string; readonly root: string },
): ResolvedImages {
  const { buildx, ca, engine, repository, allowDirty, scan } = images;
  return {
    ...(buildx === undefined ? {} : { buildx }),
    ...(ca === undefined ? {} : { ca: resolve(root, ca) }),
    ...(engine === undefined ? {} : { engine }),
    ...(scan === undefined ? {} : { scan }),
    repository: repository === undefined ? null : repositoryOf(new URL(repository)),
    allowDirty: allowDirty ?? environment === 'development',
  };
}

export function resolveImage(
  image: Pick<NonNullable<Service['image']>, 'args' | 'context' | 'dockerfile' | 'platforms' | 'target'>,
  { contextFolder, root }: { readonly contextFolder: string; readonly root: string },
): ResolvedImage {
  return {
    dockerfile: resolve(root, image.dockerfile),
    contextFolder: image.context === undefined ? contextFolder : resolve(root, image.context),
    target: image.target,
    args: image.args,
    platforms: image.platforms,
  };
}

export function resolveBases(bases: Readonly<Record<string, Base>>, root: string): readonly ResolvedBase[] {
  return Object.entries(bases).map(([name, { context, ...base }]) => ({
    name,
    ...resolveImage({ ...base, platforms: ['linux/amd64'] }, { contextFolder: resolve(root, context), root }),
  }));
}

export function resolveRetention(
  { retention = {} }: EnvironmentDefinition,
  environments: ReadonlyMap<string, EnvironmentDefinition>,
): ResolvedRetention {
  const releases = [...environments].flatMap(([name, { retention: { releases: count } = {} }]) =>
    count === undefined ? [] : [[name, count] as const],
  );
  return { images: retention.images, releases: Object.fromEntries(releases) };
}

function repositoryOf({ origin, pathname }: URL): NonNullable<ResolvedImages['repository']> {
  const namespace = pathname.replaceAll(/^\/|\/$/g, '');
  return { registry: origin, namespace: namespace === '' ? null : namespace };
}
