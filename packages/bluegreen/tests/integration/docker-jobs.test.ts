import { Redacted } from '@maestro/core';
import { beforeAll, expect, it } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import { buildServiceImage, DockerEnvironment, imageMs, jobSpec } from './docker-environment.ts';
import { until } from './environment.ts';

const timeout = 120_000;

describeWith('jobs in containers', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);
  const open = () => DockerEnvironment.open(parts().docker, image);

  it('run to their end and leave nothing but what they printed', { timeout }, async () => {
    await using environment = await open();
    const { jobs, runtime } = environment.containers;
    const good = jobSpec('echo "begun $NAME"; echo warning >&2; echo ended');
    expect(await jobs.run({ ...good, timeoutMs: 30_000 })).toMatchObject({ exitCode: 0, exit: 'exit code 0' });
    const bad = await jobs.run({ ...jobSpec('echo "no $NAME"; exit 7'), timeoutMs: 30_000 });
    expect(bad).toEqual({ exitCode: 7, exit: 'exit code 7', lines: ['no rows'] });
    expect(await environment.jobs()).toEqual([]);
    expect(await runtime.observe()).toEqual([]);
  });

  it('are ended when they take too long, and when they are given up', { timeout }, async () => {
    await using environment = await open();
    const { jobs } = environment.containers;
    const slow = jobSpec("trap 'exit 0' TERM; echo waiting; sleep 60 & wait");
    await expect(jobs.run({ ...slow, timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'BLUEGREEN_JOB_TIMEOUT',
      details: { log: ['waiting'] },
    });
    const giveUp = new AbortController();
    const running = jobs.run({ ...slow, timeoutMs: 60_000 }, { signal: giveUp.signal });
    await until(async () => (await environment.jobs())[0]?.State === 'running');
    giveUp.abort(new Error('given up'));
    await expect(running).rejects.toThrow('given up');
    await until(async () => (await environment.jobs()).length === 0);
  });

  it('are ended for the release that they were begun for', { timeout }, async () => {
    await using environment = await open();
    const { jobs } = environment.containers;
    const slow = jobSpec("trap 'exit 0' TERM; sleep 60 & wait");
    const running = jobs.run({ ...slow, timeoutMs: 60_000 }).catch((error: unknown) => error);
    await until(async () => (await environment.jobs())[0]?.State === 'running');
    await jobs.end({ ...slow, release: 'another release' });
    expect((await environment.jobs())[0]?.State).toBe('running');
    await jobs.end(slow);
    expect(await environment.jobs()).toEqual([]);
    await running;
    await jobs.end(slow);
  });

  it('say what they lack, and leave nothing', { timeout }, async () => {
    await using environment = await open();
    const { jobs } = environment.containers;
    const secrets = { PASSWORD: new Redacted('k') };
    for (const spec of [jobSpec('', { command: ['/no/such/program'] }), jobSpec('', { secrets })]) {
      await expect(jobs.run({ ...spec, timeoutMs: 30_000 })).rejects.toMatchObject({ code: 'BLUEGREEN_START_FAILED' });
    }
    expect(await environment.jobs()).toEqual([]);
  });
});
