import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useParts } from '@maestro/services';
import Docker from 'dockerode';

import type { Context } from '../../benchmark.ts';
import { type DockerCli, openDockerCli } from './docker-cli.ts';

/** The engine and the image repository that ours and the peer work on. */
export interface Place {
  /** What all names begin with; the project's too. */
  readonly suite: string;
  /** By which what has lost its name is found; as docker takes them. */
  readonly labels: readonly string[];
  /** `unix:///…` */
  readonly engine: string;
  /** The same, as clients take it. */
  readonly engineAddress: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** The same engine by its bare interface. */
  readonly api: Docker;
  /** `http://127.0.0.1:5000` */
  readonly registry: string;
  readonly docker: DockerCli;
  /** Empty at first. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Takes both into use; what is made on them with names of the suite is removed at the end. */
export async function openPlace({ signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Place> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const { parts } = stack.use(await useParts({ needs: ['docker', 'image-repository'], say }));
  return placeOf(parts, { signal, stack });
}

/** The same with parts that are in use already. */
export async function placeOf(
  parts: Awaited<ReturnType<typeof useParts<'docker' | 'image-repository'>>>['parts'],
  { signal, stack }: Pick<Context, 'signal' | 'stack'>,
): Promise<Place> {
  const { suite, labels, address: engine, engine: engineAddress } = parts.docker;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return {
    suite,
    labels: Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    engine,
    engineAddress,
    api: new Docker({ protocol: 'http', host: '', ...engineAddress }),
    registry: parts['image-repository'].address,
    docker: await openDockerCli({ engine, signal }),
    folder,
    signal,
  };
}

/** Where the images of one figure are: their names on engine and registry begin with the suite's. */
export function locationIn({ suite, registry }: Place, name: string) {
  const location = { registry, namespace: `${suite}/${name}` };
  const repository = `${suite}-api`;
  return { location, repository, reference: `${new URL(registry).host}/${suite}/${name}/${repository}` };
}
