import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';
import { freePort } from '../switch/place.ts';
import type { Place } from './place.ts';

/** One of the services under docker-compose. */
export interface ComposeStack {
  readonly build: () => Promise<void>;
  /** Puts what is built in the place of what runs. */
  readonly up: () => Promise<void>;
}

const deadlineMs = 120_000;

export async function openComposeStack(
  { parts, folder, project, signal, stack }: Place,
  service: string,
): Promise<ComposeStack> {
  const file = join(folder, 'docker-compose.json');
  const one = {
    image: `${parts.docker.suite}-composed`,
    build: { context: join(project.folder, service), dockerfile: join(project.folder, 'Dockerfile') },
    environment: { HOST: '0.0.0.0', PORT: '8080' },
    ports: [`127.0.0.1:${await freePort()}:8080`],
  };
  // Every JSON document is a YAML document.
  await writeFile(file, JSON.stringify({ version: '3', services: { [service]: one } }));
  const run = async (args: readonly string[], stop: AbortSignal | undefined) => {
    const env = { ...process.env, DOCKER_HOST: parts.docker.address };
    const all = ['--project-name', `${parts.docker.suite}composed`, '--file', file, ...args];
    try {
      const options = { env, timeout: deadlineMs, ...(stop === undefined ? {} : { signal: stop }) };
      await promisify(execFile)(parts['docker-compose'].program, all, options);
    } catch (error) {
      stop?.throwIfAborted();
      throw new BenchmarkError('BENCH_PEER_FAILED', `docker-compose ${args.join(' ')} failed: ${messageOf(error)}`, {
        hint: 'docker-compose version; docker version',
        cause: error,
      });
    }
  };
  stack.defer(() => run(['down', '--timeout', '5'], undefined));
  return {
    build: () => run(['build', '--quiet'], signal),
    up: () => run(['up', '--detach'], signal),
  };
}
