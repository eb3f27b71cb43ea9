import type { ImageRecipe } from './image-recipe.ts';
import { recipeReader } from './read-recipes.ts';

export interface UsedBasesOptions {
  readonly project: string;
  readonly services: readonly ImageRecipe[];
  readonly bases: readonly ImageRecipe[];
  /** The git ref whose Dockerfiles count; the working tree by default. */
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Names of the base images that each service's image starts from or copies from, directly or through others. Throws
 * `IMAGE_STORE_DOCKERFILE_INVALID`, and what `readGitSource` does.
 */
export async function usedBases(options: UsedBasesOptions): Promise<Readonly<Record<string, readonly string[]>>> {
  const { project, services, bases, ref, signal } = options;
  const read = await recipeReader({ recipes: [...services, ...bases], ref, signal });
  const { neededNodes } = await import('./plan-builds.ts');
  const nodes = await neededNodes(read, { project, services, bases });
  const needsOf = new Map(nodes.map(({ name, needs }) => [name, needs]));
  const names = new Set(bases.map(({ name }) => name));
  return Object.fromEntries(
    services.map(({ name }) => {
      const used = new Set([name]);
      // The set grows while it is gone through.
      for (const image of used) for (const base of needsOf.get(image) ?? []) if (names.has(base)) used.add(base);
      return [name, [...used].filter((base) => base !== name)];
    }),
  );
}
