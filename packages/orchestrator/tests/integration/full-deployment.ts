import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import type { SuiteOf } from '@maestro/services';
import { vi } from 'vitest';

import type { Environment, PlanStep, ReleaseEvent } from '../../src/index.ts';
import { openEnvironment } from '../../src/index.ts';
import { type DockerProject, dockerProject, secret } from './docker-project.ts';

export interface FullDeploymentParts {
  readonly aws: SuiteOf<'aws'>;
  readonly docker: SuiteOf<'docker'>;
  readonly 'image-repository': SuiteOf<'image-repository'>;
  readonly postgresql: SuiteOf<'postgresql'>;
}

/** Every kind of step that a deployment of containers can have. */
export const everyKind: readonly PlanStep['kind'][] = [
  ...(['build', 'image', 'scan', 'gate', 'hook', 'secrets', 'migrate', 'reload', 'job'] as const),
  ...(['start', 'probe', 'canary', 'switch', 'bake', 'drain', 'stop', 'record'] as const),
];

/** A project whose deployments have a step of each kind. */
export interface FullDeployment extends AsyncDisposable {
  readonly project: DockerProject;
  /** Commits the next version of everything: images, a migration of each database; with another port nginx is reloaded, too. */
  commit(version: string, port: number): Promise<void>;
  /** The environment as the configuration describes it now. */
  open(): Promise<Environment>;
}

const finding = JSON.stringify({
  VulnerabilityID: 'CVE-2026-1',
  PkgName: 'left-pad',
  InstalledVersion: '1.0.0',
  Severity: 'LOW',
});
// Prints what Trivy would of the image that it is asked for, which is the last of its arguments.
const trivy = `#!/bin/sh
for image; do :; done
cat <<report
{"SchemaVersion":2,"ArtifactName":"$image","Results":[{"Vulnerabilities":[${finding}]}]}
report
`;

export async function fullDeployment(parts: FullDeploymentParts): Promise<FullDeployment> {
  const { aws, docker, postgresql, 'image-repository': repository } = parts;
  const { credentials, endpoint, region } = aws;
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
  const { hostname: host, port, pathname, username } = new URL(postgresql.url);
  const command = ['/bin/sh', '-c', 'exit 0'];
  const gates = {
    unit: { command },
    smoke: { http: { path: '/api', statuses: ['200'], tries: 5 }, timeoutMs: 60_000 },
  };
  const server = { adapter: 'postgresql', host, port: Number(port), user: decodeURIComponent(username) };
  const project = await dockerProject('killed', {
    docker,
    services: {
      api: { gates, database: { ...server, database: pathname.slice(1) } },
      web: { dependsOn: ['import'], database: { adapter: 'sqlite', file: 'web.db' } },
    },
    more: { import: { context: 'services/import', strategy: 'job', secrets: ['TOKEN'], dependsOn: ['api'] } },
    environment: {
      images: {
        engine: docker.address,
        repository: `${repository.address}/${repository.prefix}killed`,
        scan: { scanner: 'trivy' },
      },
      secrets: { source: 'aws', regions: [region], endpoint },
      hooks: {
        beforeBuild: [{ command }],
        beforeSwitch: [{ command }],
        afterSwitch: [{ command }],
        afterRecord: [{ command }],
      },
      // Too few to judge by: how well versions do on a busy machine is not what is looked at.
      limits: { minimumRequests: 1_000_000 },
      canary: { steps: [50], stepMs: 500 },
      bakeMs: 500,
      // Longer than a client of a busy machine is silent.
      proxy: { closingMs: 2_000 },
    },
  });
  const programs = join(project.folder, '.maestro/programs');
  await mkdir(programs, { recursive: true });
  await writeFile(join(programs, 'trivy'), trivy);
  await chmod(join(programs, 'trivy'), 0o755);
  vi.stubEnv('PATH', [programs, process.env.PATH].join(delimiter));
  await project.write({ '.env.demo': `TOKEN='${secret}'\n` });
  await project.environment.secrets.upload({});
  await project.write({ '.env.demo': '' });
  await project.commit({ 'services/import/server.mjs': '' });
  return {
    project,
    commit: async (version, webPort) => {
      const config = JSON.parse(await readFile(project.config, 'utf8')) as { services: { web: object } };
      config.services.web = { ...config.services.web, container: { port: webPort } };
      const name = `migrations/${version.padStart(4, '0')}_add_note${version}.up.sql`;
      const add = (table: string) => `ALTER TABLE ${table} ADD COLUMN note${version} TEXT;\n`;
      const create = version === '1' ? 'CREATE TABLE pages (id INTEGER PRIMARY KEY);\n' : add('pages');
      await project.commit({
        'maestro.config.json': JSON.stringify(config),
        'services/api/version': version,
        'services/web/version': version,
        'services/import/version': version,
        [`services/web/${name}`]: create,
        ...(version === '1' ? {} : { [`services/api/${name}`]: add('orders') }),
      });
    },
    open: () => openEnvironment({ config: project.config, environment: 'demo' }),
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      vi.unstubAllEnvs();
    },
  };
}

/** A moment of a deployment. */
export interface KillPoint {
  readonly step: PlanStep;
  readonly moment: 'amid' | 'finished' | 'started';
  /** From the start of the step. */
  readonly delayMs: number;
  /** What the world must be after it: nothing written down yet, old version live, new version live, over. */
  readonly stage: 'ended' | 'switched' | 'unwritten' | 'written';
}

/** Every moment of a deployment, by the events and the journal of one that went well. */
export function killPoints(events: readonly ReleaseEvent[], journaled: ReadonlySet<string>): readonly KillPoint[] {
  const finished = events.filter((event) => event.type === 'step-finished');
  const ids = finished.map(({ step }) => step.id);
  const at = (id: string) => ids.indexOf(id);
  return finished.flatMap(({ step, durationMs }, index) => {
    const stage = (moment: KillPoint['moment']): KillPoint['stage'] => {
      const reached = moment === 'finished' ? index : index - 1;
      if (reached >= at('record')) return 'ended';
      if (reached >= at('switch')) return 'switched';
      return journaled.has(step.id) ? 'written' : 'unwritten';
    };
    const point = (moment: KillPoint['moment'], delayMs: number) => ({ step, moment, delayMs, stage: stage(moment) });
    return [point('started', 0), point('amid', Math.max(1, Math.round(durationMs / 2))), point('finished', 0)];
  });
}
