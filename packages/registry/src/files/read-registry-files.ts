import { dirname, relative, resolve } from 'node:path';

import { below } from '../checks/problem.ts';
import { schemaProblems } from '../checks/schema-problems.ts';
import { formatCycle } from '../plan/dependencies.ts';
import { isRecord } from '../plan/merge.ts';
import { registrySchema } from '../registry-schema.ts';
import { isFile } from './find-config.ts';
import { type PlacedProblem, placed } from './placed-problems.ts';
import { readSource, type ReadSourceOptions } from './read-source.ts';
import type { Source } from './source.ts';

/** One of the files that a registry is made of. */
export interface RegistryFile extends Source {
  /** Absolute. */
  readonly file: string;
  /** The files that it includes, and what these include. */
  readonly covers: ReadonlySet<string>;
}

export interface RegistryFiles {
  /** Each before those it includes. */
  readonly files: readonly [RegistryFile, ...RegistryFile[]];
  /** What of the includes is wrong. */
  readonly problems: readonly PlacedProblem[];
}

/** Reads a registry file and, each once, what it includes. Throws `REGISTRY_UNREADABLE`. */
export async function readRegistryFiles(file: string, options: ReadSourceOptions): Promise<RegistryFiles> {
  const reader = new Reader(options);
  const root = await reader.read(file, []);
  const included = [...reader.files.values()].filter((each) => each !== root);
  return { files: [root, ...included.reverse()], problems: reader.problems };
}

class Reader {
  readonly files = new Map<string, RegistryFile>();
  readonly problems: PlacedProblem[] = [];
  readonly #options: ReadSourceOptions;

  constructor(options: ReadSourceOptions) {
    this.#options = options;
  }

  /** `trail` are the files that led to this one. It is added when what it includes was. */
  async read(file: string, trail: readonly string[]): Promise<RegistryFile> {
    const source = await readSource(file, this.#options);
    this.#options.signal?.throwIfAborted();
    const [value, include] = withoutInclude(source.value);
    const at = { ...source, file, value };
    const wrong = below(['include'], schemaProblems(registrySchema.shape.include, include));
    if (trail.length > 0 && !isRecord(value)) wrong.push({ path: [], message: recordWanted });
    this.problems.push(...wrong.map((problem) => placed(problem, at)));

    const covers = new Set<string>();
    const paths = wrong.length === 0 ? ((include ?? []) as readonly string[]) : [];
    for (const [index, path] of paths.entries()) {
      const included = resolve(dirname(file), path);
      const message = await this.#obstacle(included, [...trail, file]);
      if (message === undefined) {
        const read = this.files.get(included) ?? (await this.read(included, [...trail, file]));
        for (const covered of [included, ...read.covers]) covers.add(covered);
      } else this.problems.push(placed({ path: ['include', index], message }, at));
    }
    const read = { ...at, covers };
    this.files.set(file, read);
    return read;
  }

  async #obstacle(file: string, trail: readonly string[]): Promise<string | undefined> {
    const start = trail.indexOf(file);
    const folder = dirname(trail[0] ?? file);
    if (start !== -1) {
      const cycle = [...trail.slice(start), file].map((each) => relative(folder, each));
      return `registries include one another: ${formatCycle(cycle)}`;
    }
    const { textOf } = this.#options;
    const isThere = textOf === undefined ? await isFile(file) : (await textOf(file)) !== undefined;
    return isThere ? undefined : `there is no file ${file}`;
  }
}

const recordWanted = 'expected an object with services, bases, defaults or environments';

/** `$schema` is for editors of JSON. */
function withoutInclude(value: unknown): readonly [value: unknown, include: unknown] {
  if (!isRecord(value)) return [value, undefined];
  const { include, ...rest } = value;
  delete rest.$schema;
  return [rest, include];
}
