import { dirname, relative, resolve } from 'node:path';

import { placeOf, type ProblemPath } from '../checks/problem.ts';
import { originOf } from '../plan/combine.ts';
import type { FilePath } from '../plan/file-paths.ts';
import { isRecord } from '../plan/merge.ts';
import { centralDockerfile, centralName } from './central-dockerfiles.ts';
import type { RegistryFile } from './read-registry-files.ts';

/** Tells of each place of a registry which of its files it stands in. */
export class RegistryOrigins {
  readonly #files: readonly RegistryFile[];
  readonly #root: RegistryFile;
  readonly #written: unknown;

  /** `written` is what the files are together, before anything is filled in. */
  constructor(files: readonly [RegistryFile, ...RegistryFile[]], written: unknown) {
    this.#files = files;
    [this.#root] = files;
    this.#written = written;
  }

  fileOf(path: ProblemPath): RegistryFile {
    if (this.#files.length === 1) return this.#root;
    return originOf(this.#files, placeOf(path, this.#written)) ?? this.#root;
  }

  /** The folder that a central Dockerfile is looked for in: the one that its own file names, or else the registry. */
  dockerfilesFor({ path }: FilePath): string | undefined {
    const own = namedFolder(this.fileOf(path));
    return own ?? namedFolder(this.fileOf(['dockerfiles']));
  }

  /** The path as it is seen from the registry's own file. */
  fromRoot(found: FilePath): string {
    const { path, value } = found;
    const { file } = this.fileOf(path);
    const name = centralName(found);
    const folder = name === undefined ? undefined : this.dockerfilesFor(found);
    if (name !== undefined && folder !== undefined) return this.#relative(centralDockerfile(folder, name));
    return file === this.#root.file ? value : this.#relative(resolve(dirname(file), value));
  }

  #relative(path: string): string {
    return relative(dirname(this.#root.file), path) || '.';
  }
}

function namedFolder({ file, value }: RegistryFile): string | undefined {
  const folder = isRecord(value) ? value.dockerfiles : undefined;
  return typeof folder === 'string' ? resolve(dirname(file), folder) : undefined;
}
