import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';
import { command } from './images.ts';
import { freePort, type Place } from './place.ts';

/** The service under docker-compose, published at a port of 127.0.0.1. */
export interface ComposeProject {
  readonly port: number;
  /** Writes another image into its file and has that come about; resolves when docker-compose is done. */
  readonly up: (image: string, slot: string) => Promise<void>;
}

const deadlineMs = 120_000;

export async function openCompose(place: Place): Promise<ComposeProject> {
  const { parts, signal, stack } = place;
  const folder = join(place.folder, 'compose');
  const file = join(folder, 'docker-compose.yml');
  await mkdir(folder);
  const port = await freePort();
  const run = async (args: readonly string[], stop: AbortSignal | undefined) => {
    const env = { ...process.env, DOCKER_HOST: parts.docker.address };
    const all = ['--project-name', `${parts.docker.suite}compose`, '--file', file, ...args];
    try {
      const options = { env, timeout: deadlineMs, ...(stop === undefined ? {} : { signal: stop }) };
      await promisify(execFile)(parts['docker-compose'].program, all, options);
    } catch (error) {
      stop?.throwIfAborted();
      throw failed(args, error);
    }
  };
  stack.defer(() => run(['down', '--timeout', '5'], undefined));
  return {
    port,
    up: async (image, slot) => {
      await writeFile(file, composeFile({ image, slot, port }));
      await run(['up', '--detach'], signal);
    },
  };
}

function composeFile({ image, slot, port }: { readonly image: string; readonly slot: string; readonly port: number }) {
  const service = {
    image,
    entrypoint: command,
    environment: { HOST: '0.0.0.0', PORT: '8080', SLOT: slot },
    ports: [`127.0.0.1:${port}:8080`],
  };
  // Every JSON document is a YAML document.
  return JSON.stringify({ version: '3', services: { service } });
}

function failed(args: readonly string[], cause: unknown): BenchmarkError {
  return new BenchmarkError('BENCH_PEER_FAILED', `docker-compose ${args.join(' ')} failed: ${messageOf(cause)}`, {
    hint: 'docker-compose version; docker version',
    cause,
  });
}
