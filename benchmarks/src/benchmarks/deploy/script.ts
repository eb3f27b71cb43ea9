import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '@maestro/core';

import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { freePort } from '../switch/place.ts';
import type { Place } from './place.ts';

/** What somebody would write who has no tool: the same work by the docker command line, curl and an nginx reload. */
export interface Script {
  readonly build: () => Promise<void>;
  /** Starts the next version beside the one before, waits for it, and switches; how long that took, in milliseconds. */
  readonly release: () => Promise<number>;
}

// Until it has switched: what it stops afterwards is not counted for either.
const release = `set -eu
docker run --detach --name "$NEXT" --publish "127.0.0.1:$PORT:8080" --env HOST=0.0.0.0 --env PORT=8080 "$IMAGE" > /dev/null
until curl --silent --fail --output /dev/null "http://127.0.0.1:$PORT/"; do sleep 0.05; done
sed "s/server 127.0.0.1:[0-9]*;/server 127.0.0.1:$PORT;/" nginx.conf > nginx.conf.next
mv nginx.conf.next nginx.conf
nginx -p . -c nginx.conf -s reload
`;

export async function openScript(
  { parts, folder, docker, project, signal, stack }: Place,
  service: string,
): Promise<Script> {
  const image = `${parts.docker.suite}-script`;
  const place = join(folder, 'script');
  await mkdir(place);
  const listening = await freePort();
  await writeFile(join(place, 'nginx.conf'), configuration(listening, await freePort()));
  const run = async (script: string, variables: Readonly<Record<string, string>> = {}, stop?: AbortSignal) => {
    try {
      const env = { ...process.env, DOCKER_HOST: parts.docker.address, ...variables };
      await promisify(execFile)('sh', ['-c', script], {
        cwd: place,
        env,
        ...(stop === undefined ? {} : { signal: stop }),
      });
    } catch (error) {
      stop?.throwIfAborted();
      throw new BenchmarkError('BENCH_PEER_FAILED', `the script failed: ${messageOf(error)}`, {
        hint: 'docker version; nginx -v; curl --version',
        cause: error,
      });
    }
  };
  let count = 0;
  const nameOf = (number: number) => `${image}-${number}`;
  stack.defer(() => run('nginx -p . -c nginx.conf -s stop'));
  await run('nginx -p . -c nginx.conf', {}, signal);
  const remove = async (number: number) => {
    if (number > 0) await docker.run(['rm', '--force', nameOf(number)]);
  };
  stack.defer(() => run(`docker rm --force "$LAST" > /dev/null 2>&1 || true`, { LAST: nameOf(count) }));
  return {
    build: async () => {
      const dockerfile = join(project.folder, 'Dockerfile');
      await docker.run(['build', '--quiet', '--tag', image, '--file', dockerfile, join(project.folder, service)]);
    },
    release: async () => {
      count += 1;
      const variables = { NEXT: nameOf(count), PORT: String(await freePort()), IMAGE: image };
      const took = await elapsedMs(() => run(release, variables, signal));
      await remove(count - 1);
      return took;
    },
  };
}

function configuration(port: number, upstream: number): string {
  return `pid nginx.pid;
error_log error.log;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://service; }
  }
  upstream service {
    server 127.0.0.1:${upstream};
  }
}
`;
}
