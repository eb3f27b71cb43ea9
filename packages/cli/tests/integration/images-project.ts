import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { MaestroProcess } from './maestro-process.ts';

const run = promisify(execFile);

export interface ImagesProject extends AsyncDisposable {
  readonly folder: string;
  /** Writes files and commits them. */
  commit(files: Readonly<Record<string, string>>): Promise<void>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `maestro images …` and returns its result; throws what it printed unless it exits with 0. */
  images(...args: readonly string[]): Promise<ImagesResult>;
  /** The same for a command that is refused. */
  refused(
    ...args: readonly string[]
  ): Promise<{ readonly exitCode: number | null; readonly code: string; readonly hint: string }>;
}

/** The fields that results have, by command. */
export interface ImagesResult {
  readonly release: string;
  readonly services: readonly {
    readonly service: string;
    readonly repository: string;
    readonly tag: string;
    readonly digest: string;
    readonly built: boolean;
  }[];
  readonly images: readonly {
    readonly repository: string;
    readonly digest: string;
    readonly tags: readonly string[];
  }[];
  readonly releases: readonly {
    readonly id: string;
    readonly kind: string;
    readonly services: readonly { readonly name: string; readonly digest: string; readonly stored: boolean }[];
  }[];
  readonly removed: readonly { readonly place: string; readonly digest: string }[];
  readonly remove: readonly { readonly place: string; readonly digest: string }[];
  readonly sizeBytes: number;
}

export interface Place {
  readonly engine: string;
  /** `http://127.0.0.1:5000/namespace`; without it images stay in the engine. */
  readonly repository?: string | undefined;
}

/**
 * A git repository with two services on a shared base, whose images are files only. `name` is the project's, with which
 * everything begins that the engine is given; the labels make it go with the suite.
 */
export async function imagesProject(
  name: string,
  places: Readonly<Record<string, Place>>,
  labels: Readonly<Record<string, string>>,
): Promise<ImagesProject> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-cli-images-'));
  const git = (...args: readonly string[]) =>
    run('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args]);
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  const commit = async (files: Readonly<Record<string, string>>) => {
    await write(files);
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  const labelled = Object.entries(labels)
    .map(([label, value]) => `LABEL "${label}"="${value}"\n`)
    .join('');
  const service = (of: string) => ({
    context: `services/${of}`,
    image: { dockerfile: 'dockerfiles/service.Dockerfile' },
  });
  const environment = ({ engine, repository }: Place) => ({
    runtime: 'docker',
    proxy: { port: 0 },
    images: { engine, ...(repository === undefined ? {} : { repository }) },
  });
  const config = {
    project: name,
    bases: { base: { dockerfile: 'dockerfiles/base.Dockerfile', context: 'dockerfiles' } },
    services: { api: service('api'), web: service('web') },
    environments: Object.fromEntries(Object.entries(places).map(([key, place]) => [key, environment(place)])),
  };
  await git('init', '--quiet');
  await commit({
    '.gitignore': '.maestro/\n',
    'maestro.config.json': JSON.stringify(config),
    'dockerfiles/base.Dockerfile': `FROM scratch\n${labelled}COPY note.txt /note.txt\n`,
    'dockerfiles/note.txt': name,
    'dockerfiles/service.Dockerfile': `FROM ${name}-base\nCOPY . /srv\nCMD ["/srv/start"]\n`,
    'services/api/start': `${name} api 1`,
    'services/web/start': `${name} web 1`,
  });

  const last = async (args: readonly string[]) => {
    const maestro = new MaestroProcess(['images', ...args, '--json', '-c', join(folder, 'maestro.config.json')]);
    const exitCode = await maestro.exitCode();
    return { exitCode, result: JSON.parse(maestro.stdout.trimEnd().split('\n').at(-1) ?? '') as unknown, maestro };
  };
  return {
    folder,
    commit,
    write,
    images: async (...args) => {
      const { exitCode, result, maestro } = await last(args);
      if (exitCode !== 0) throw new Error(`images ${args.join(' ')} exited with ${exitCode}: ${maestro.stderr}`);
      return result as ImagesResult;
    },
    refused: async (...args) => {
      const { exitCode, result } = await last(args);
      const { error } = result as { readonly error: { readonly code: string; readonly hint: string } };
      return { exitCode, ...error };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
