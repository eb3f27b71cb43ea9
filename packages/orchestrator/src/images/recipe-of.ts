import type { ImageRecipe } from '@maestro/image-store';
import type { ResolvedImage } from '@maestro/registry';

/** What an image is built of, as the image store takes it. */
export function recipeOf(name: string, image: ResolvedImage): ImageRecipe {
  const { contextFolder, dockerfile, target, args, platforms } = image;
  return { name, context: contextFolder, dockerfile, target, args, platforms };
}
