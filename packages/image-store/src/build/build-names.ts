import { ImageStoreError } from '../errors.ts';
import { inputTag } from '../image/guard-tags.ts';
import { checkEnvironment, checkRepository, checkTag, latestTag } from '../image/names.ts';
import { annotation } from '../image/oci.ts';
import type { GitSnapshot } from '../source/git-snapshot.ts';
import type { ImageRecipe } from './image-recipe.ts';

/** What a build is called; the tag for people is the first one. */
export interface BuildNames {
  readonly tags: readonly [string, ...string[]];
  /** The commit, with `-dirty` where the working tree was not it. */
  readonly revision: string;
}

export interface BuildIdentity {
  readonly environment: string;
  readonly snapshot: Pick<GitSnapshot, 'revision' | 'shortRevision'>;
  readonly dirty: boolean;
  readonly inputHash: string;
}

export function namesOf({ environment, snapshot, dirty, inputHash }: BuildIdentity): BuildNames {
  const clean = `${environment}-${snapshot.shortRevision}`;
  const tag = dirty ? `${clean}-dirty-${inputHash.slice('sha256:'.length).slice(0, 8)}` : clean;
  checkTag(tag);
  return {
    tags: [tag, latestTag, inputTag(inputHash)],
    revision: dirty ? `${snapshot.revision}-dirty` : snapshot.revision,
  };
}

export interface LabelFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly repository: string;
  readonly inputHash: string;
  readonly revision: string;
  /** ISO 8601 in UTC. */
  readonly committedAt: string;
  readonly version: string;
  readonly sourceUrl: string | undefined;
}

/** The labels asked for, and those that say where an image is from. */
export function labelsOf(facts: LabelFacts): Readonly<Record<string, string>> {
  const { labels, repository, inputHash, revision, committedAt, version, sourceUrl } = facts;
  return {
    ...labels,
    [annotation.created]: committedAt,
    [annotation.input]: inputHash,
    [annotation.revision]: revision,
    ...(sourceUrl === undefined ? {} : { [annotation.source]: sourceUrl }),
    [annotation.title]: repository,
    [annotation.version]: version,
  };
}

export function repositoryOf(project: string, { name }: ImageRecipe): string {
  return `${project}-${name}`;
}

/** Throws `IMAGE_STORE_INVALID_NAME`, for two recipes of one name too. */
export function checkNames(project: string, environment: string, recipes: readonly ImageRecipe[]): void {
  checkEnvironment(environment);
  const seen = new Set<string>();
  for (const recipe of recipes) {
    checkRepository(repositoryOf(project, recipe));
    if (seen.has(recipe.name)) throw sameName(recipe);
    seen.add(recipe.name);
  }
}

function sameName({ name }: ImageRecipe): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_INVALID_NAME', `two of the services and base images are named ${name}`, {
    hint: 'give one of them another name in the configuration',
    details: { name },
  });
}

/** The shared base image that a Dockerfile means by a reference: its repository, with any tag or none. */
export function baseNamed<T extends ImageRecipe>(
  reference: string,
  { project, bases }: { readonly project: string; readonly bases: readonly T[] },
): T | undefined {
  const repository = reference.replace(/:[\w.-]+$/, '');
  return bases.find((base) => repositoryOf(project, base) === repository);
}
