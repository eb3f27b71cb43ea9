import type { ImageConfig, ImageManifest } from '../../image/documents.ts';
import { labelFacts } from '../../image/label-facts.ts';
import { annotation } from '../../image/oci.ts';
import type { StoredImage } from '../../ports/image-store.ts';

export type ImageFacts = Pick<StoredImage, 'createdAt' | 'inputHash' | 'revision' | 'sizeBytes'>;

/** Whether a manifest alone says everything, as those of this package do. */
export function isComplete({ annotations }: ImageManifest): boolean {
  return [annotation.created, annotation.input, annotation.revision].every((name) => annotations?.[name] !== undefined);
}

/** What the annotations say, else the labels of the configuration. */
export function imageFacts(manifest: ImageManifest, config: ImageConfig): ImageFacts {
  const said = (name: string) => manifest.annotations?.[name] ?? config.config?.Labels?.[name];
  return {
    ...labelFacts(said, config.created),
    sizeBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
  };
}
