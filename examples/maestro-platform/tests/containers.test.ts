import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { ensureBaseImage } from '@maestro/base-images';
import type { SuiteOf } from '@maestro/services';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { createProject, type PlatformProject } from './platform-project.ts';
import { serviceNames } from './service-process.ts';
import { allBlue, publishWelcome, readStatus, slotsIn, urlOf } from './platform-status.ts';

/** Making the base images takes minutes where nobody has done so before. */
const imagesMs = 10 * 60_000;
/** One deployment of five services on two busy cores. */
const releaseMs = 240_000;

const brokenTest = /ORCHESTRATOR_(?:RELEASE_REFUSED|GATE_FAILED)[^]*tests of quality-fabric/;

interface Ground {
  readonly project: string;
  readonly images: { readonly engine: string; readonly repository: string };
  readonly secrets: { readonly regions: readonly string[]; readonly endpoint: string };
}

/** The environments as they are, but for the machine: another engine and image repository, another AWS, another port. */
function registryOn(ground: Ground): string {
  // Workers of a root's nginx are another user's, who cannot look into a folder for temporary files.
  const proxy = { port: 0, closingMs: 100, ...(process.getuid?.() === 0 ? { workerUser: 'root' } : {}) };
  return `import { defineRegistry } from '@maestro/registry';

import example from './maestro.config.ts';

const { production } = example.environments;
const ground = ${JSON.stringify(ground)};

export default defineRegistry({
  ...example,
  project: ground.project,
  // On a busy machine the program that compose asks with takes seconds to start.
  defaults: { ...example.defaults, health: { timeoutMs: 20_000, deadlineMs: 120_000 } },
  environments: {
    production: {
      ...production,
      runtime: 'docker',
      proxy: ${JSON.stringify(proxy)},
      images: ground.images,
      secrets: { source: 'aws', ...ground.secrets },
      canary: { steps: [50], stepMs: 500 },
      bakeMs: 500,
    },
    development: { ...example.environments.development, runtime: 'embedded', proxy: { port: 0 } },
  },
});
`;
}

/** Where its images are pushed to. */
function imagesIn({ 'image-repository': repository }: { readonly 'image-repository': SuiteOf<'image-repository'> }) {
  return `${new URL(repository.address).host}/${repository.prefix}platform`;
}

interface Tagging {
  readonly image: string;
  readonly name: string;
  readonly tag: string;
}

async function tagImage({ engine }: SuiteOf<'docker'>, { image, name, tag }: Tagging): Promise<void> {
  const query = new URLSearchParams({ repo: name, tag });
  const path = `/images/${encodeURIComponent(image)}/tag?${query.toString()}`;
  const sent = request({ ...engine, method: 'POST', path, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect([answer.statusCode, await text(answer)]).toEqual([201, '']);
}

const needs = ['docker', 'docker-compose', 'image-repository', 'nginx', 'aws'] as const;

describeWith('the platform in containers', needs, (parts) => {
  // One project for all: each test goes on from where the one before has left it.
  let project: PlatformProject;

  beforeAll(async () => {
    const { docker, aws } = parts();
    for (const name of ['node', 'python', 'nginx'] as const) await ensureBaseImage({ engine: docker.engine, name });
    vi.stubEnv('AWS_ACCESS_KEY_ID', aws.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', aws.credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', aws.credentials.sessionToken);
    const registry = registryOn({
      project: `${docker.suite}-platform`,
      images: { engine: docker.address, repository: `http://${imagesIn(parts())}` },
      secrets: { regions: [aws.region], endpoint: aws.endpoint },
    });
    project = await createProject({ environment: 'production', registry, labels: docker.labels });
  }, imagesMs);
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  }, releaseMs);

  it('deploys all five with secrets from AWS, and nginx leads to them', { timeout: releaseMs }, async () => {
    const { environment } = project;
    await environment.secrets.upload({ file: join(project.folder, '.env') });
    expect(await project.maestro('deploy')).toContain('deployed in production');
    const url = await urlOf(environment);
    const status = await readStatus(url);
    expect(status).toMatchObject({ healthy: true });
    expect(slotsIn(status)).toEqual(allBlue);

    await publishWelcome(url);
  });

  it(
    'deploys the one service alone that the last commit has changed, once its tests pass',
    { timeout: releaseMs },
    async () => {
      const { environment } = project;
      await project.change('services/template-service/src/template-input.ts', '65_536', '32_768');
      await project.change(
        'services/quality-fabric/quality_fabric/rules.py',
        'LONGEST_LINE = 200',
        'LONGEST_LINE = 100',
      );
      const deploy = () => project.maestro('deploy', '--affected-since', 'HEAD~1');
      await expect(deploy()).rejects.toMatchObject({ stderr: expect.stringMatching(brokenTest) as string });
      expect(slotsIn(await readStatus(await urlOf(environment)))).toEqual(allBlue);

      await project.change('services/quality-fabric/tests/test_rules.py', '"x" * 201', '"x" * 101');
      await project.change('services/quality-fabric/tests/test_rules.py', '"x" * 200', '"x" * 100');
      expect(await deploy()).toContain('deployed in production');
      const status = await readStatus(await urlOf(environment));
      expect(status).toMatchObject({ healthy: true });
      expect(slotsIn(status)).toEqual({ ...allBlue, 'quality-fabric': 'green' });
    },
  );

  it('runs under compose, too, as development', { timeout: releaseMs }, async () => {
    const { docker, 'docker-compose': compose } = parts();
    vi.stubEnv('DOCKER_HOST', docker.address);
    // They are built by the same Dockerfiles; the classic builder, which compose has here, takes minutes for all five.
    for (const name of serviceNames) {
      const service = `${docker.suite}-platform-${name}`;
      await tagImage(docker, {
        image: `${imagesIn(parts())}/${service}:latest`,
        name: service,
        tag: 'compose-development',
      });
    }
    await project.maestro('compose', '-e', 'development', '--out', project.folder);
    await project.maestro('migrate', 'run', '-e', 'development');
    const command = ['-p', `${docker.suite}-compose`, '--project-directory', project.folder];
    const run = async (...args: string[]) =>
      (await promisify(execFile)(compose.program, [...command, ...args], { cwd: project.folder })).stdout;
    try {
      const up = [compose.program, ...command, 'up', '--no-build', '--detach'];
      await project.maestro('secrets', 'run', '-e', 'development', '--', ...up);
      const address = (await run('port', 'maestro_proxy', '80')).trim();
      const status = async () => await readStatus(`http://${address}`);
      await expect.poll(status, { timeout: 60_000 }).toMatchObject({ healthy: true, services: { length: 5 } });
    } finally {
      await run('down', '--volumes');
    }
  });
});
