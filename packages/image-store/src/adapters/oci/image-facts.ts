import { annotation } from '../../image/oci.ts';
import type { StoredImage } from '../../ports/image-store.ts';
import type { ImageConfig, ImageManifest } from './documents.ts';

export type ImageFacts = Pick<StoredImage, 'createdAt' | 'inputHash' | 'revision' | 'sizeBytes'>;

const unknownTime = '1970-01-01T00:00:00.000Z';

/** Whether a manifest alone says everything, as those of this package do. */
export function isComplete({ annotations }: ImageManifest): boolean {
  return [annotation.created, annotation.input, annotation.revision].every((name) => annotations?.[name] !== undefined);
}

/** What the annotations say, else the labels of the configuration; an image that does not say where it is from has ''. */
export function imageFacts(manifest: ImageManifest, config: ImageConfig): ImageFacts {
  const said = (name: string) => manifest.annotations?.[name] ?? config.config?.Labels?.[name];
  return {
    inputHash: said(annotation.input) ?? '',
    revision: said(annotation.revision) ?? '',
    createdAt: isoTimeOf(said(annotation.created)) ?? isoTimeOf(config.created) ?? unknownTime,
    sizeBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
  };
}

/** In UTC and with milliseconds, so that times compare as texts. */
function isoTimeOf(text: string | null | undefined): string | undefined {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
