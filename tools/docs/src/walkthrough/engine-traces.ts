import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { baseImages, type BaseImageName, ensureBaseImage } from '@maestro/base-images';
import type { SuiteParts } from '@maestro/services';

import { runProgram } from '../run-program.ts';

type DockerSuite = SuiteParts<'docker'>['docker'];

export interface EngineOptions {
  readonly docker: DockerSuite;
  /** Everything a walkthrough writes and runs. */
  readonly texts: readonly string[];
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Makes what the Dockerfiles of a walkthrough start from available, under the names they use. */
export async function provideBaseImages({ docker, texts, say, signal }: EngineOptions): Promise<void> {
  const used = texts.flatMap((text) =>
    [...text.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)/gim)].map(([, name = '']) => name),
  );
  const names = Object.keys(baseImages) as readonly BaseImageName[];
  for (const name of names) {
    const { reference } = await ensureBaseImage({ engine: docker.engine, name, onProgress: say, signal });
    for (const image of used) {
      if (image.split(':')[0] === name && image !== reference) await onEngine(docker, ['tag', reference, image]);
    }
  }
}

/** Takes everything away that the projects of a walkthrough have on the engine. */
export async function removeProjects(docker: DockerSuite, projects: ReadonlySet<string>): Promise<void> {
  const list = async (...args: readonly string[]) =>
    (await onEngine(docker, args)).split('\n').filter((id) => id !== '');
  for (const project of projects) {
    const ofProject = ['--filter', `label=maestro.project=${project}`, '--quiet'];
    const containers = await list('ps', '--all', ...ofProject);
    if (containers.length > 0) await onEngine(docker, ['rm', '--force', '--volumes', ...containers]);
    for (const kind of ['network', 'volume']) {
      const found = await list(kind, 'ls', ...ofProject);
      if (found.length > 0) await onEngine(docker, [kind, 'rm', ...found]);
    }
    const images = await list('images', '--format', '{{.Repository}}:{{.Tag}}');
    const own = images.filter((name) => repositoryOf(name).startsWith(`${project}-`) && !name.endsWith('<none>'));
    if (own.length > 0) await onEngine(docker, ['rmi', '--force', ...own]);
  }
}

/** The names of the projects that are configured in texts. */
export function projectsIn(texts: readonly string[]): ReadonlySet<string> {
  const project = /\bproject["']?\s*:\s*["']?([a-z][a-z0-9-]*)/g;
  return new Set(texts.flatMap((text) => [...text.matchAll(project)].map(([, name = '']) => name)));
}

/** The configurations that are in a folder. */
export function configurationsIn(folder: string): readonly string[] {
  const exclude = (path: string) => path.includes('node_modules');
  return globSync('**/maestro.config.*', { cwd: folder, exclude }).map((file) =>
    readFileSync(join(folder, file), 'utf8'),
  );
}

/** Without the host and the tag. */
function repositoryOf(image: string): string {
  return image.replace(/^(?:localhost|[^/]*[.:][^/]*)\//, '').replace(/:[^:/]*$/, '');
}

async function onEngine({ address }: DockerSuite, args: readonly string[]): Promise<string> {
  return await runProgram({ program: 'docker', args, environment: { ...process.env, DOCKER_HOST: address } });
}
