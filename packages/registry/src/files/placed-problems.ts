import { dirname, relative } from 'node:path';

import { formatPath, type Problem } from '../checks/problem.ts';
import type { RegistryProblem } from '../errors.ts';
import type { Clash } from '../plan/combine.ts';
import type { RegistryFile } from './read-registry-files.ts';

/** A problem with the file that it is in, always. */
export type PlacedProblem = RegistryProblem & { readonly file: string };

export function placed({ path, message }: Problem, { file, locate }: Pick<RegistryFile, 'file' | 'locate'>) {
  return { path: formatPath(path), file, ...locate(path), message } satisfies PlacedProblem;
}

export function clashProblem({ path, layers: [first, second] }: Clash<RegistryFile>): PlacedProblem {
  const { line, column } = second.locate(path) ?? {};
  const other = [relative(dirname(first.file), second.file), line, column].filter((part) => part !== undefined);
  const message = `another value than in ${other.join(':')}, expected the same or one in a registry that includes both`;
  return placed({ path, message }, first);
}

/** The registry's own file first, without its name, then those it includes in the order in which they were read. */
export function inFileOrder(
  files: readonly Pick<RegistryFile, 'file'>[],
  problems: readonly PlacedProblem[],
): readonly RegistryProblem[] {
  const root = files[0]?.file;
  const order = new Map(files.slice(1).map(({ file }, index) => [file, files.length - index]));
  const sorted = problems.toSorted(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
  return sorted.map(({ file, ...problem }) => (file === root ? problem : { ...problem, file }));
}
