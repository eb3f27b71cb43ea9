import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { askEngine, type DockerProject, dockerProject, imageMs, releaseMs, secret } from './docker-project.ts';
import { execElsewhere } from './exec-elsewhere.ts';
import { type Front, startFront } from './front.ts';
import { startLoad } from './load.ts';
import { recordLoad } from './record-load.ts';

// One project for all: each test goes on from where the one before has left it.
describeWith('releases of containers', ['docker', 'image-repository', 'nginx'], (parts) => {
  let project: DockerProject;
  let front: Front;
  const versions = async () => [(await project.ask('api')).version, (await project.ask('web')).version];
  const outcomes = async () => (await project.environment.history()).map(({ outcome }) => outcome);

  beforeAll(async () => {
    const { docker, 'image-repository': repository } = parts();
    front = await startFront(new URL(repository.address));
    project = await dockerProject('releases', { docker, repository: `${front.url}/${repository.prefix}releases` });
  }, imageMs);
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await front.close();
  }, releaseMs);

  it('plans a first one without building anything, and deploys just that', { timeout: releaseMs }, async () => {
    const { environment, name } = project;
    const plan = await environment.plan();
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'build',
      'image:api',
      'image:web',
      'secrets',
      'migrate:api',
      'start:api',
      'probe:api',
      'start:web',
      'probe:web',
      'switch',
      'record',
    ]);
    expect(plan.services.map(({ digest }) => digest)).toEqual([null, null]);
    expect((await environment.plan()).hash).toBe(plan.hash);
    await expect(environment.deploy({ pullImages: true })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_IMAGE_MISSING',
      details: { services: ['api', 'web'] },
    });

    const first = await environment.deploy({ planHash: plan.hash });
    expect(first.outcome).toBe('deployed');
    const [record] = await environment.history();
    expect(record).toMatchObject({
      id: first.release,
      outcome: 'deployed',
      services: [{ name: 'api' }, { name: 'web' }],
    });
    expect(await project.ask('api')).toMatchObject({
      service: 'api',
      version: '1',
      slot: 'blue',
      token: secret.length,
    });
    const { api } = await project.ask('web');
    expect(await (await fetch(`${api ?? ''}/`)).json()).toMatchObject({ service: 'api' });
    expect(record?.services[0]?.image).toMatch(new RegExp(`^${name}-api:demo-`));
    expect((await environment.plan()).steps).toEqual([]);
    expect((await environment.deploy()).outcome).toBe('unchanged');
  });

  it('keeps secrets from what the engine shows and from every file', async () => {
    const { docker } = parts();
    const filters = encodeURIComponent(JSON.stringify({ label: [`maestro.project=${project.name}`] }));
    const containers = (await askEngine(docker, `/containers/json?all=true&filters=${filters}`)) as { Id: string }[];
    expect(containers.length).toBeGreaterThan(2);
    for (const { Id } of containers) {
      expect(JSON.stringify(await askEngine(docker, `/containers/${Id}/json`))).not.toContain(secret);
    }
    const state = join(project.folder, '.maestro/demo');
    const files = await readdir(state, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain(secret);
    }
  });

  it('runs a program in the container, and shows its log without the secrets', { timeout: releaseMs }, async () => {
    const print = 'echo "$TOKEN $MAESTRO_SLOT $(cat)"; echo "it has $TOKEN" > /proc/1/fd/1; echo wrong >&2; exit 5';
    const command = ['sh', '-c', print];
    const ended = await execElsewhere(project.config, 'api', { command, input: 'typed' });
    expect(ended).toEqual({ exitCode: 5, stdout: `${secret} blue typed\nblue\n`, stderr: 'wrong\n' });
    const { lines, ...logs } = await project.environment.logs({ service: 'api', tail: 1 });
    expect(logs).toMatchObject({ slot: 'blue' });
    for await (const { text, at } of lines) {
      expect(text).toBe('it has [redacted]');
      expect(Date.parse(at ?? '')).toBeGreaterThan(0);
    }
  });

  it('shows where requests go, and what is to be watched', async () => {
    const { services, generation } = await project.environment.proxy.show();
    expect(generation?.number).toBe(1);
    expect(services.map(({ name, route }) => [name, route?.path])).toEqual([
      ['api', '/api'],
      ['web', '/'],
    ]);
    expect(services[0]?.slots).toMatchObject([
      { slot: 'blue', percent: 100, state: 'running', addresses: [expect.stringMatching(/^10\..*:8080$/)] },
      { slot: 'green', percent: 0, state: null },
    ]);
    const running = (await project.environment.metrics()).find(({ name }) => name === 'maestro_instance_running');
    expect(running?.samples.map(({ value }) => value)).toEqual([1, 1]);
  });

  it('moves all traffic to the next version without losing a request', { timeout: releaseMs }, async () => {
    const { environment } = project;
    const { url } = await environment.status();
    const load = startLoad(`${url ?? ''}/api`);
    await project.commit({
      'services/api/version': '2',
      'services/web/version': '2',
      'services/api/migrations/0002_add_note.up.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;\n',
    });
    expect((await environment.plan()).steps.map(({ kind }) => kind)).not.toContain('reload');
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect(await versions()).toEqual(['2', '2']);
    await load.stop();
    recordLoad(load, { fault: 'release of containers behind nginx', times: 1 });
    expect(load.failed).toEqual([]);
    expect([...load.answers.keys()]).toEqual(['1', '2']);
    const { services, drift } = await environment.status();
    expect(services.map(({ live, idle }) => [live?.healthy, idle?.state])).toEqual([
      [true, 'stopped'],
      [true, 'stopped'],
    ]);
    expect(drift).toEqual([]);
  });

  it(
    'refuses a version that does not become healthy, and one whose image does not build',
    { timeout: releaseMs },
    async () => {
      const { environment } = project;
      const before = await environment.status();
      await project.commit({ 'services/web/version': 'crashes', 'services/api/version': '3' });
      await expect(environment.deploy()).rejects.toMatchObject({
        code: 'ORCHESTRATOR_RELEASE_REFUSED',
        details: {
          reasonCode: 'BLUEGREEN_CRASHED',
          reason: expect.stringContaining('cannot find its configuration') as string,
        },
      });
      expect(await versions()).toEqual(['2', '2']);
      const after = await environment.status();
      expect(after.services.map(({ live }) => live)).toEqual(before.services.map(({ live }) => live));
      expect(after.services.map(({ idle }) => idle?.state)).not.toContain('running');
      expect(after.interrupted).toBeNull();

      const dockerfile = await readFile(join(project.folder, 'Dockerfile'), 'utf8');
      await project.commit({ Dockerfile: `${dockerfile}RUN /no/such/program\n`, 'services/web/version': '2' });
      await expect(environment.deploy()).rejects.toMatchObject({ code: 'IMAGE_STORE_BUILD_FAILED' });
      expect((await environment.status()).interrupted).toBeNull();
      expect((await outcomes())[0]).toBe('refused');
      await project.commit({ Dockerfile: dockerfile, 'services/api/version': '2' });
      expect((await environment.deploy()).outcome).toBe('unchanged');
    },
  );

  it(
    'returns to what was stopped, and to any release by digest, with the image repository down',
    { timeout: releaseMs },
    async () => {
      const { environment } = project;
      const first = (await environment.history()).at(-1)?.id ?? '';
      front.cut();
      const { url } = await environment.status();
      const load = startLoad(`${url ?? ''}/api`);
      expect(await environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
      expect(await versions()).toEqual(['1', '1']);
      front.open();
      await project.commit({ 'services/api/version': '4', 'services/web/version': '4' });
      expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
      front.cut();
      expect(await environment.rollback({ to: first })).toMatchObject({ outcome: 'rolled-back' });
      expect(await versions()).toEqual(['1', '1']);
      await load.stop();
      recordLoad(load, { fault: 'releases and rollbacks of containers, the image repository out of reach', times: 3 });
      expect(load.failed).toEqual([]);
      front.open();
      expect((await outcomes()).slice(0, 3)).toEqual(['rolled-back', 'deployed', 'rolled-back']);
    },
  );

  it('shows what somebody has stopped by hand, and mends it', { timeout: releaseMs }, async () => {
    const { environment } = project;
    const live = (await environment.status()).services.find(({ name }) => name === 'web')?.live;
    const slot = live?.slot ?? '';
    await askEngine(parts().docker, `/containers/${project.name}-demo-web-${slot}/kill`, 'POST');
    const { drift } = await environment.status();
    expect(drift).toEqual([
      {
        service: 'web',
        slot,
        detail: `web is live in ${slot}, but its instance was stopped (SIGKILL)`,
        next: 'maestro deploy web',
      },
    ]);
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect((await environment.status()).drift).toEqual([]);
    expect((await project.ask('web')).version).toBe('4');
  });
});
