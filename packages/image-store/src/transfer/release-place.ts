import type { ReleaseRecord } from '../ports/release-history.ts';

/** Where a saved release is: an OCI layout in a folder, or a tar archive of one. */
export type ReleasePlace = { readonly folder: string } | { readonly file: string };

/** The record of the release, beside what the layout has. */
export const recordFile = 'maestro-release.json';

export function recordText(release: ReleaseRecord): string {
  return `${JSON.stringify(release, undefined, 2)}\n`;
}
