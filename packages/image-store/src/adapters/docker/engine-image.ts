import { z } from 'zod';

import { guardedDigest, guardTag, isReserved } from '../../image/guard-tags.ts';
import { labelFacts } from '../../image/label-facts.ts';
import type { StoredImage } from '../../ports/image-store.ts';

const common = {
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Size: z.number(),
};
const labels = z.record(z.string(), z.string()).nullish();

/** What the engine says of one image. */
export const inspectSchema = z
  .object({
    ...common,
    Created: z.string().nullish(),
    Config: z.object({ Labels: labels }).nullish(),
    RootFS: z.object({ Layers: z.array(z.string()).nullish() }).nullish(),
    Architecture: z.string().nullish(),
    Os: z.string().nullish(),
  })
  .transform(({ Created, Config, RootFS, ...said }) => ({
    ...shared(said),
    // In a list the engine counts seconds.
    createdAt: Created?.replace(/\.\d+(?=Z$)/, ''),
    labels: Config?.Labels ?? {},
    layers: RootFS?.Layers ?? [],
    platform: `${said.Os ?? ''}/${said.Architecture ?? ''}`,
  }));

/** What it says of each in a list. */
export const summariesSchema = z.array(
  z.object({ ...common, Created: z.number(), Labels: labels }).transform(({ Created, Labels, ...said }) => ({
    ...shared(said),
    createdAt: new Date(Created * 1000).toISOString(),
    labels: Labels ?? {},
  })),
);

function shared({ Id, RepoTags, RepoDigests, Size }: z.infer<z.ZodObject<typeof common>>) {
  return { id: Id, tags: RepoTags ?? [], digests: RepoDigests ?? [], sizeBytes: Size };
}

/** An image as the engine knows it. */
export type InspectedImage = z.infer<typeof inspectSchema>;
export type EngineImage = Omit<InspectedImage, 'layers' | 'platform'>;

/**
 * An image of the engine in one repository. The engine's own id is the digest of the configuration, while an image's
 * identity is the digest of a manifest, and one configuration may be in several: as it was put, and as the engine pushed
 * it. So it stands for an image each, and only where nobody has ever known a manifest, for one under its own id.
 */
export class ImageInRepository {
  readonly id: string;
  /** Sorted, the one that it has in the image repository first. */
  readonly identities: readonly [string, ...string[]];
  /** All its tags here, also those that are shown to nobody. */
  readonly tags: readonly string[];
  /** Those of the image repository. */
  readonly digests: readonly string[];
  /** Whole names under which Dockerfiles find it, without the image repository. */
  readonly aliases: readonly string[];
  /** Whether it has names elsewhere too. */
  readonly isShared: boolean;
  readonly #image: EngineImage;
  readonly #repository: string;

  constructor(image: EngineImage, { repository, name }: { readonly repository: string; readonly name: string }) {
    this.#image = image;
    this.#repository = repository;
    this.id = image.id;
    this.tags = withoutPrefix(image.tags, `${name}:`);
    this.digests = withoutPrefix(image.digests, `${name}@`);
    this.aliases = name === repository ? [] : image.tags.filter((tag) => isAlias(tag, repository));
    const own = this.tags.length + this.digests.length + this.aliases.length;
    this.isShared = image.tags.length + image.digests.length > own;
    const guarded = this.tags.flatMap((tag) => guardedDigest(tag) ?? []).filter((digest) => digest !== this.id);
    const [first = this.id, ...others] = new Set([...this.digests, ...guarded]);
    this.identities = [first, ...others];
  }

  /** Whether it has any name in the repository. */
  get isHere(): boolean {
    return this.tags.length + this.digests.length > 0;
  }

  isGuarded(digest: string): boolean {
    return this.tags.includes(guardTag(digest));
  }

  /** As one of its identities; tags stand for the first one. */
  describe(digest: string): StoredImage {
    const { labels, createdAt, sizeBytes } = this.#image;
    return {
      repository: this.#repository,
      digest,
      tags: digest === this.identities[0] ? this.tags.filter((tag) => !isReserved(tag)) : [],
      ...labelFacts((name) => labels[name], createdAt),
      sizeBytes,
    };
  }
}

function isAlias(name: string, repository: string): boolean {
  return name.startsWith(`${repository}:`) && isReserved(name.slice(repository.length + 1));
}

function withoutPrefix(names: readonly string[], prefix: string): readonly string[] {
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])).sort();
}
