import { ensureBaseImage } from '@maestro/base-images';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { examineEnvironment } from '../../src/index.ts';
import { askEngine, dockerProject, imageMs } from './docker-project.ts';
import { startLoad } from './load.ts';

describeWith('containers behind nginx in a container', ['docker'], (parts) => {
  it('are switched without losing a request, and all of it goes with a stop', { timeout: imageMs }, async () => {
    const { docker } = parts();
    const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'nginx' });
    const workerUser = process.getuid?.() === 0 ? { workerUser: 'root' } : {};
    const proxy = { port: 0, closingMs: 100, image: reference, ...workerUser };
    await using project = await dockerProject('boxed', { docker, environment: { proxy } });
    const { environment, name } = project;
    const filters = encodeURIComponent(JSON.stringify({ label: [`maestro.project=${name}`] }));
    const left = async () => {
      const containers = (await askEngine(docker, `/containers/json?all=true&filters=${filters}`)) as object[];
      const networks = (await askEngine(docker, `/networks?filters=${filters}`)) as object[];
      const volumes = (await askEngine(docker, `/volumes?filters=${filters}`)) as { Volumes: object[] | null };
      return [containers.length, networks.length, (volumes.Volumes ?? []).length];
    };

    await environment.deploy();
    const load = startLoad(`${(await environment.status()).url ?? ''}/api`, { clients: 4 });
    await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect((await project.ask('api')).version).toBe('2');
    await load.stop();
    expect(load.failed).toEqual([]);
    expect((await left()).every((count) => count > 0)).toBe(true);

    const before = await left();
    const { findings } = await examineEnvironment({ config: project.config, environment: 'demo' });
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(findings.find(({ check }) => check === 'proxy-configuration')).toMatchObject({ status: 'ok' });
    expect(await left()).toEqual(before);

    await environment.stop();
    expect(await left()).toEqual([0, 0, 0]);
  });
});
