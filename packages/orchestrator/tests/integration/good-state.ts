import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { SuiteOf } from '@maestro/services';
import { expect } from 'vitest';

import type { Environment } from '../../src/index.ts';
import { askEngine, type DockerProject } from './docker-project.ts';

export interface GoodStateOptions {
  readonly docker: SuiteOf<'docker'>;
  readonly project: DockerProject;
  readonly environment: Environment;
  /** The one that answers. */
  readonly version: string;
  /** What was done before, in words. */
  readonly what: string;
}

/** One version answers on every route, it is what is live by every mark there is, and nothing is left of anything else. */
export async function expectGoodState(options: GoodStateOptions): Promise<void> {
  const { docker, project, environment, version, what } = options;
  const status = await environment.status();
  expect(status, what).toMatchObject({ lock: null, interrupted: null, drift: [] });
  for (const { live, idle, canaryPercent } of status.services) {
    expect({ healthy: live?.healthy, canaryPercent }, what).toEqual({ healthy: true, canaryPercent: null });
    expect(idle?.state, what).not.toBe('running');
  }
  for (const path of ['/api', '/']) {
    const asked = Array.from({ length: 10 }, async () => (await fetch(new URL(path, status.url ?? ''))).json());
    const answers = new Set((await Promise.all(asked)).map((answer) => (answer as { version: string }).version));
    expect([...answers], `${what}: ${path}`).toEqual([version]);
  }

  const live = status.services.map(({ name, live: of }) => `${name} in ${of?.slot ?? 'no slot'}`).sort();
  const { services } = await environment.proxy.show();
  const routed = services.flatMap(({ name, slots }) =>
    slots.flatMap(({ slot, percent }) => (percent === 0 ? [] : [`${name} in ${slot}: ${percent} %`])),
  );
  expect(routed.sort(), what).toEqual(live.map((one) => `${one}: 100 %`));

  const containers = await containersOf(docker, project.name);
  const instances = containers.filter(({ role }) => role === 'instance');
  const running = instances.filter((one) => one.state === 'running').map(({ place }) => place);
  expect(running.sort(), what).toEqual(live);
  const meantToRun = instances.filter(({ restarts }) => restarts === 'always').map(({ place }) => place);
  expect(meantToRun.sort(), what).toEqual(live);
  expect(
    containers.filter(({ role }) => role === 'job'),
    what,
  ).toEqual([]);
  const { databases } = await environment.migrations.status();
  for (const database of databases) expect(database, what).toMatchObject({ status: { unfinished: [], drifted: [] } });
}

/** Nothing is left of what was kept and claimed while a release was worked on. */
export async function expectNothingKept({ project }: Pick<GoodStateOptions, 'project'>, what: string): Promise<void> {
  expect(await readdir(join(project.folder, '.maestro/demo/migrations')).catch(() => []), what).toEqual([]);
}

interface FoundContainer {
  readonly role: string;
  /** `api in blue` */
  readonly place: string;
  readonly state: string;
  /** Its restart policy, by which the engine, too, knows what is meant to run. */
  readonly restarts: string;
}

async function containersOf(docker: SuiteOf<'docker'>, project: string): Promise<readonly FoundContainer[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`maestro.project=${project}`] }));
  const listed = (await askEngine(docker, `/containers/json?all=true&filters=${filters}`)) as readonly { Id: string }[];
  return await Promise.all(
    listed.map(async ({ Id }) => {
      const { Config, State, HostConfig } = (await askEngine(docker, `/containers/${Id}/json`)) as InspectedContainer;
      const label = (name: string) => Config.Labels[`maestro.${name}`] ?? '';
      return {
        role: label('role'),
        place: `${label('service')} in ${label('slot')}`,
        state: State.Status,
        restarts: HostConfig.RestartPolicy.Name,
      };
    }),
  );
}

interface InspectedContainer {
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly State: { readonly Status: string };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
}
