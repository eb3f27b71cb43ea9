import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { SuiteOf } from '@maestro/services';

import { askEngine } from './docker-environment.ts';

const run = promisify(execFile);

/** An image of the suite's own of nothing but this machine's nginx and what it is linked with; returns its name. */
export async function buildNginxImage(docker: SuiteOf<'docker'>, program: string, tag = 'one'): Promise<string> {
  const image = `${docker.suite}-nginx:${tag}`;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-image-'));
  const add = async (from: string, to: string) => {
    const path = join(folder, 'root', to);
    await mkdir(dirname(path), { recursive: true });
    await copyFile(from, path);
  };
  try {
    const { stdout } = await run('ldd', [program]);
    await add(program, '/usr/sbin/nginx');
    for (const [library] of stdout.matchAll(/\/\S+/g)) await add(library, library);
    await mkdir(join(folder, 'root/etc'), { recursive: true });
    // nginx looks up who its workers run as.
    await writeFile(join(folder, 'root/etc/passwd'), 'root:x:0:0::/:/\nnobody:x:65534:65534::/:/\n');
    await writeFile(join(folder, 'root/etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    const steps = ['FROM scratch', 'COPY root /', `LABEL made.for=${tag}`, 'ENV PATH=/usr/sbin'];
    await writeFile(join(folder, 'Dockerfile'), steps.join('\n'));
    const tar = await run('tar', ['-C', folder, '-cf', '-', '.'], { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 });
    const labels = encodeURIComponent(JSON.stringify(docker.labels));
    const answer = await askEngine(docker, 'POST', `/build?t=${image}&labels=${labels}`, tar.stdout);
    if (answer.body.includes('errorDetail')) throw new Error(String(answer.body));
  } finally {
    await rm(folder, { recursive: true });
  }
  return image;
}
