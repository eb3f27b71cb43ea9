import type { StoredImage } from '../ports/image-store.ts';
import { annotation } from './oci.ts';

const unknownTime = '1970-01-01T00:00:00.000Z';

/** What labels or annotations say of an image; one that does not say where it is from has ''. */
export function labelFacts(
  said: (name: string) => string | undefined,
  made: string | null | undefined,
): Pick<StoredImage, 'createdAt' | 'inputHash' | 'revision'> {
  return {
    inputHash: said(annotation.input) ?? '',
    revision: said(annotation.revision) ?? '',
    createdAt: isoTimeOf(said(annotation.created)) ?? isoTimeOf(made) ?? unknownTime,
  };
}

/** In UTC and with milliseconds, so that times compare as texts. */
function isoTimeOf(text: string | null | undefined): string | undefined {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
