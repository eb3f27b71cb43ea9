import { environmentFile, type SecretFiles } from './secret-files.ts';
import type { TarEntry } from './tar-archive.ts';

/** Where containers find their secrets. */
export const secretsFolder = '/run/secrets';

/** The link that names the folder that holds, `v1`; a keeper renames the next one over it. */
export const currentLink = '..data';
const nextLink = '..next';

/** What a volume holds now. */
export interface VolumeContent {
  /** `v1`, `v2` or `v3`. */
  readonly version: string;
  readonly files: SecretFiles;
}

/** One archive that replaces everything at once, and the version it brings. */
export interface Rotation {
  readonly version: string;
  readonly entries: readonly TarEntry[];
}

/** What makes a keeper switch; nothing else in it may be touched afterwards, for the engine has not finished with it. */
export const switchEntries: readonly TarEntry[] = [
  { type: 'file', path: '..go/now', mode: 0o400, content: new Uint8Array() },
];

/**
 * The next version beside the current one and the one before, whose readers may not be done yet. The engine unpacks in
 * order: whatever breaks off before the last entry leaves the current version in place.
 */
export function rotation(current: VolumeContent | undefined, files: SecretFiles): Rotation {
  const version = following(current?.version);
  // A link that is there already must not go, not even for an instant: the engine replaces by removing first.
  const newNames = [...files.keys()].filter((name) => current?.files.has(name) !== true);
  return {
    version,
    entries: [
      // Removes what an earlier round, or one that was cut off, left under this name.
      { type: 'file', path: version, mode: 0o400, content: new Uint8Array() },
      { type: 'folder', path: version, mode: 0o550 },
      ...[...files].map(([name, content]): TarEntry => ({
        type: 'file',
        path: `${version}/${name}`,
        mode: 0o440,
        content,
      })),
      ...newNames.map((name): TarEntry => ({ type: 'link', path: name, target: `${currentLink}/${name}` })),
      { type: 'link', path: nextLink, target: version },
      ...switchEntries,
    ],
  };
}

/** Variables that name the files, for images that know `<NAME>_FILE`. */
export function fileVariables(files: SecretFiles): Readonly<Record<string, string>> {
  const names = [...files.keys()].filter((name) => name !== environmentFile && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return Object.fromEntries(names.map((name) => [`${name}_FILE`, `${secretsFolder}/${name}`]));
}

const leastBytes = 16 * 1024 * 1024;

/** What a volume must be able to hold for three versions of these files; memory is only taken by what is there. */
export function bytesNeeded(files: SecretFiles): number {
  const page = 65_536;
  const pages = [...files.values()].reduce((sum, { byteLength }) => sum + Math.ceil(byteLength / page) + 1, 0);
  return Math.max(leastBytes, 4 * page * pages);
}

function following(version: string | undefined): string {
  return version === 'v1' ? 'v2' : version === 'v2' ? 'v3' : 'v1';
}
