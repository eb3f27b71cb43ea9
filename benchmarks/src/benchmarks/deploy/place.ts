import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type SuiteParts, useParts } from '@maestro/services';

import type { Context } from '../../benchmark.ts';
import { type DockerCli, openDockerCli } from '../images/docker-cli.ts';
import { say } from '../switch/place.ts';
import { builtProgram } from './built-program.ts';
import { openProject, type Project } from './project.ts';

const needs = ['docker', 'nginx', 'docker-compose'] as const;
export type Parts = SuiteParts<(typeof needs)[number]>;

/** The engine, the docker command line, and a project whose command line is ours. */
export interface Place {
  readonly parts: Parts;
  /** Empty at first, and removed at the end. */
  readonly folder: string;
  readonly docker: DockerCli;
  /** The script of our command line. */
  readonly program: string;
  readonly project: Project;
  readonly signal: AbortSignal;
  readonly stack: AsyncDisposableStack;
}

export async function openPlace(
  { signal, stack }: Pick<Context, 'signal' | 'stack'>,
  { services }: { readonly services: number },
): Promise<Place> {
  const { parts } = stack.use(await useParts({ needs, say }));
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  say('building the command line …');
  const program = await builtProgram({ folder: join(folder, 'program'), signal });
  const docker = await openDockerCli({ engine: parts.docker.address, signal });
  const project = await openProject({ parts, folder: join(folder, 'project'), program, services, signal, stack });
  return { parts, folder, docker, program, project, signal, stack };
}
