import { readFile } from 'node:fs/promises';

import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openEnvironment, type ReleaseEvent } from '../../src/index.ts';
import { type DockerProject, dockerProject, imageMs, releaseMs } from './docker-project.ts';
import { startLoad } from './load.ts';
import { recordLoad } from './record-load.ts';
import { runAndDie } from './run-and-die.ts';

describeWith('new versions of containers', ['docker', 'nginx'], (parts) => {
  describe('that are tried out', () => {
    let project: DockerProject;
    beforeAll(async () => {
      const { docker } = parts();
      const limits = { minimumRequests: 10, warmUpMs: 1_000 };
      project = await dockerProject('tried', {
        docker,
        environment: { limits, canary: { steps: [10, 50], stepMs: 8_000 } },
      });
      await project.environment.deploy();
    }, imageMs);
    afterAll(() => project[Symbol.asyncDispose](), releaseMs);

    it('get a growing share of the traffic first, then all of it', { timeout: releaseMs }, async () => {
      const { environment } = project;
      const load = startLoad(`${(await environment.status()).url ?? ''}/api`);
      await project.commit({ 'services/api/version': '2' });
      const shares: (number | null | undefined)[] = [];
      const watching = async (event: ReleaseEvent) => {
        if (event.type !== 'step-progress' || !/^\d+ %/.test(event.message)) return;
        // Said right before the switch to it.
        await expect
          .poll(async () => (await environment.status()).services[0]?.canaryPercent, { timeout: 10_000 })
          .toBe(Number.parseInt(event.message, 10));
        shares.push(Number.parseInt(event.message, 10));
      };
      const watched: Promise<void>[] = [];
      const { outcome } = await environment.deploy({
        bakeMs: 2_000,
        onEvent: (event) => watched.push(watching(event)),
      });
      await Promise.all(watched);
      await load.stop();
      expect(outcome).toBe('deployed');
      expect(shares).toEqual([10, 50]);
      recordLoad(load, { fault: 'canary of containers in two steps, and a bake', times: 1 });
      expect(load.failed).toEqual([]);
      expect([...load.answers.keys()]).toEqual(['1', '2']);
      expect((await project.ask('api')).version).toBe('2');
    });

    it(
      'keep their share while nobody goes on with the release, and lose or get the rest',
      { timeout: imageMs },
      async () => {
        const { environment } = project;
        await project.commit({ 'services/api/version': 'tried' });
        await runAndDie(project, 'started', 'switch');
        const [api] = (await environment.status()).services;
        expect(api).toMatchObject({ canaryPercent: 50, live: { healthy: true }, idle: { healthy: true } });
        expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
        const [aborted] = (await environment.status()).services;
        expect(aborted).toMatchObject({ canaryPercent: null, idle: { state: 'stopped' } });
        expect((await project.ask('api')).version).toBe('2');

        await runAndDie(project, 'started', 'switch');
        // Nobody asks for anything meanwhile, and that is said.
        const unjudged = [{ step: 'canary', percent: 50, services: ['api'] }];
        expect(await environment.resume()).toMatchObject({ outcome: 'deployed', unjudged });
        expect((await project.ask('api')).version).toBe('tried');
        await environment.rollback();
      },
    );

    it('lose their share when they do worse with it, and the release is restored', { timeout: releaseMs }, async () => {
      const { environment } = project;
      const load = startLoad(`${(await environment.status()).url ?? ''}/api`);
      await project.commit({ 'services/api/version': 'errors' });
      const result = await environment.deploy();
      await load.stop();
      expect(result).toMatchObject({
        outcome: 'restored',
        reason: expect.stringMatching(/api: \d+ of \d+ requests failed, 0 of \d+ before/) as string,
      });
      const { services, interrupted, drift } = await environment.status();
      expect([interrupted, drift]).toEqual([null, []]);
      expect(services[0]).toMatchObject({ canaryPercent: null, idle: { state: 'stopped' } });
      expect((await project.ask('api')).version).toBe('2');
      expect((await environment.history())[0]).toMatchObject({ outcome: 'restored', reason: result.reason });
    });

    it('lose all of it when they do worse after the switch', { timeout: releaseMs }, async () => {
      const { environment } = project;
      const load = startLoad(`${(await environment.status()).url ?? ''}/api`);
      const result = await environment.deploy({ canarySteps: [], bakeMs: 60_000 });
      await load.stop();
      expect(result.outcome).toBe('restored');
      expect((await project.ask('api')).version).toBe('2');
      const { services } = await environment.status();
      expect(services[0]).toMatchObject({ live: { healthy: true }, idle: { state: 'stopped' } });
      await project.commit({ 'services/api/version': '3' });
      const unjudged = [{ step: 'bake', percent: null, services: ['api'] }];
      const unasked = await environment.deploy({ canarySteps: [], bakeMs: 1_000 });
      expect(unasked).toMatchObject({ outcome: 'deployed', unjudged });
      expect(await environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
      expect((await project.ask('api')).version).toBe('2');
    });
  });

  it(
    'may listen elsewhere and be more than before, while the version before is still used',
    { timeout: imageMs },
    async () => {
      const { docker } = parts();
      await using project = await dockerProject('reshaped', { docker });
      const { environment } = project;
      await environment.deploy();
      const load = startLoad(`${(await environment.status()).url ?? ''}/api`, { clients: 4 });
      const config = JSON.parse(await readFile(project.config, 'utf8')) as {
        services: { api: { container?: object } };
      };
      config.services.api.container = { port: 3000, replicas: 2, memory: '256m' };
      await project.commit({ 'maestro.config.json': JSON.stringify(config), 'services/api/version': '2' });
      await using changed = await openEnvironment({ config: project.config, environment: 'demo' });
      const { steps } = await changed.plan();
      expect(steps.find(({ kind }) => kind === 'reload')?.summary).toContain('nginx is reloaded');
      expect(await changed.deploy()).toMatchObject({ outcome: 'deployed' });
      expect((await project.ask('api')).version).toBe('2');
      expect(await changed.rollback()).toMatchObject({ outcome: 'rolled-back' });
      expect((await project.ask('api')).version).toBe('1');
      await load.stop();
      recordLoad(load, { fault: 'release and rollback with another port and more replicas', times: 2 });
      expect(load.failed).toEqual([]);
      expect((await changed.status()).drift).toEqual([]);
    },
  );

  it('replace what cannot run twice, and workers without traffic', { timeout: imageMs }, async () => {
    const { docker } = parts();
    const services = { api: { strategy: 'recreate' }, web: { strategy: 'worker', route: undefined } };
    await using project = await dockerProject('replaced', { docker, services });
    const { environment } = project;
    await environment.deploy();
    expect((await environment.status()).services.map(({ live }) => live?.healthy)).toEqual([true, true]);

    await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
    const { steps } = await environment.plan();
    expect(steps.map(({ id }) => id)).toEqual([
      'build',
      'image:api',
      'image:web',
      'secrets',
      'away',
      'drain:api',
      'stop:api',
      'start:api',
      'probe:api',
      'start:web',
      'probe:web',
      'switch',
      'drain:web',
      'stop:web',
      'record',
    ]);
    expect(steps.find(({ id }) => id === 'away')?.summary).toContain('nobody answers');
    const said: string[] = [];
    await environment.deploy({ onEvent: (event) => event.type === 'step-progress' && said.push(event.message) });
    expect(said.join('\n')).toMatch(/api: nobody answered for \d+ ms/);
    expect((await project.ask('api')).version).toBe('2');

    // What was ended for it comes back.
    await project.commit({ 'services/api/version': '3', 'services/web/version': '3' });
    await runAndDie(project, 'finished', 'stop:api');
    expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
    expect((await project.ask('api')).version).toBe('2');
    await runAndDie(project, 'finished', 'away');
    expect(await environment.resume()).toMatchObject({ outcome: 'deployed' });
    expect((await project.ask('api')).version).toBe('3');

    await project.commit({ 'services/api/version': 'crashes' });
    await expect(environment.deploy()).rejects.toMatchObject({ code: 'ORCHESTRATOR_RELEASE_REFUSED' });
    expect((await project.ask('api')).version).toBe('3');
    const { services: after, drift } = await environment.status();
    expect(drift).toEqual([]);
    expect(after.map(({ live }) => live?.healthy)).toEqual([true, true]);
  });
});
