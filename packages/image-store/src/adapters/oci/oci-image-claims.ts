import type { ImageClaims } from '../../ports/image-claims.ts';
import { type ClaimNotes, NotedClaims } from '../../retention/noted-claims.ts';
import { documentOf } from './release-documents.ts';
import { type OciReleaseOptions, openReleaseRepository } from './release-repository.ts';

const type = 'application/vnd.maestro.claim.v1+json';

/**
 * Claims of all machines that deploy a project, beside its history in the registry. It relies on the registry to list a
 * tag from when its writing was answered on. Throws what `openOciReleaseHistory` and its methods do.
 */
export function openOciImageClaims(options: OciReleaseOptions): ImageClaims {
  const { documents, clock, logger } = openReleaseRepository(options);
  const notes: ClaimNotes = {
    // Each text names its note, and so no other has its digest.
    write: (name, text, { signal }) => documents.write(documentOf(type, JSON.parse(text)), { tag: name, signal }),
    remove: (name, { signal }) => documents.remove({ tag: name, type, signal }),
    names: (cancellable) => documents.tags(cancellable),
    read: (name, { signal }) => documents.read({ tag: name, type, signal }),
  };
  return new NotedClaims({ notes, clock, logger });
}
