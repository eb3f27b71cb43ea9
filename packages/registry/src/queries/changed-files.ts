import { dirname, relative, sep } from 'node:path';

/** Which of the files that changed belong to a path. */
export type ChangedBelow = (paths: readonly string[]) => ChangedFiles;

export interface ChangedFiles {
  readonly count: number;
  /** Undefined where there is none. */
  readonly first: string | undefined;
}

/**
 * Sorts files that changed by the paths that will be asked about, each at any depth above them. A file that stands where
 * folders of a path should be, such as a submodule, belongs to it, too. All paths are absolute.
 */
export function changedBelow(files: ReadonlySet<string>, paths: Iterable<string>): ChangedBelow {
  const filesOf = new Map<string, string[]>([...paths].map((path) => [path, []]));
  for (const file of files) {
    for (const path of [file, ...foldersAbove(file)]) filesOf.get(path)?.push(file);
  }
  return (asked) => {
    const instead = asked.flatMap((path) => foldersAbove(path).filter((folder) => files.has(folder)));
    // What is left holds nothing in common, so that files can be counted without looking at each.
    const apart = [...new Set(asked)].filter((path) => !asked.some((other) => path.startsWith(other + sep)));
    const below = apart.map((path) => filesOf.get(path) ?? []);
    const above = new Set(instead);
    return {
      count: below.reduce((count, { length }) => count + length, above.size),
      first: below.find(({ length }) => length > 0)?.[0] ?? instead[0],
    };
  };
}

/** `services/api/main.ts and 3 more changed`, as seen from `root`; `may have changed` where nobody knows. */
export function changedSummary(
  { count, first = '' }: ChangedFiles,
  { root, unknown }: { readonly root: string; readonly unknown: ReadonlySet<string> },
): string {
  const name = printable(relative(root, first).split(sep).join('/')) || '.';
  const verb = unknown.has(first) ? 'may have changed' : 'changed';
  return count > 1 ? `${name} and ${count - 1} more ${verb}` : `${name} ${verb}`;
}

/** Names of files may hold ends of lines, and what terminals obey. */
function printable(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = dirname(path), below = path; at !== below; below = at, at = dirname(at)) folders.push(at);
  return folders;
}
