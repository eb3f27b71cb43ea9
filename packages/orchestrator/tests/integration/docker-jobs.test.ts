import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import type { ReleaseEvent } from '../../src/index.ts';
import { askEngine, dockerProject, imageMs } from './docker-project.ts';
import { runAndDie } from './run-and-die.ts';

const program = (more: string) => `
console.log('imported with', process.env.TOKEN, 'for', process.env.MAESTRO_RELEASE);
${more}
`;
const files = (more: string) => ({ 'services/import/server.mjs': program(more) });

describeWith('jobs and gates in containers', ['docker', 'nginx'], (parts) => {
  it('are run and met before traffic moves, and resumed after a kill', { timeout: 2 * imageMs }, async () => {
    const smoke = { http: { path: '/api', statuses: ['200'] }, timeoutMs: 10_000 };
    const unit = { command: ['grep', '-q', '.', 'version'] };
    const job = { context: 'services/import', strategy: 'job', secrets: ['TOKEN'], dependsOn: ['api'] };
    const noted = { command: ['/bin/sh', '-c', 'echo "$MAESTRO_STEP" >> calls'] };
    await using project = await dockerProject('jobs', {
      docker: parts().docker,
      services: { api: { gates: { unit, smoke } }, web: { dependsOn: ['import'] } },
      more: { import: job },
      environment: { hooks: { beforeBuild: [noted], afterBuild: [noted], beforeImages: [noted] } },
    });
    const { environment, name } = project;
    await project.commit(files(''));

    const events: ReleaseEvent[] = [];
    const first = await environment.deploy({ onEvent: (event) => events.push(event) });
    const finished = events.flatMap((event) => (event.type === 'step-finished' ? [event.step.id] : []));
    const order = ['gate:api:unit', 'start:api', 'job:import', 'start:web', 'gate:api:smoke', 'switch'];
    expect(finished.filter((id) => order.includes(id))).toEqual(order);
    expect(events).toContainEqual(
      expect.objectContaining({ message: `import: imported with [redacted] for ${first.release ?? ''}` }),
    );
    const left = (await askEngine(parts().docker, '/containers/json?all=true')) as readonly ListedContainer[];
    expect(left.flatMap(({ Names }) => Names).filter((one) => one.startsWith(`/${name}-demo-import-job`))).toEqual([]);

    const volumes = (await askEngine(parts().docker, '/volumes')) as { readonly Volumes: readonly { Name: string }[] };
    const ofJob = volumes.Volumes.filter(({ Name }) => Name.startsWith(name) && Name.includes('import'));
    expect(ofJob).toEqual([]);
    expect((await readFile(join(project.folder, 'calls'), 'utf8')).split('\n')).toEqual([
      'hook:before-build:1',
      'hook:after-build:1',
      'hook:before-images:1',
      '',
    ]);

    // A version that answers well to its health check only.
    await project.commit({ 'services/api/version': 'errors' });
    await expect(environment.deploy()).rejects.toMatchObject({
      message: expect.stringMatching(/the gate smoke of api failed: .*answered 500/) as string,
      details: { reasonCode: 'ORCHESTRATOR_GATE_FAILED' },
    });
    expect(await project.ask('api')).toMatchObject({ version: '1' });

    await project.commit({ 'services/api/version': '2', ...files('process.exit(3);') });
    await expect(environment.deploy()).rejects.toMatchObject({
      message: expect.stringMatching(
        /the job import failed: it ended with exit code 3; .*\n {2}imported with \[redacted\]/,
      ) as string,
    });

    await project.commit(files(''));
    await runAndDie(project, 'finished', 'job:import');
    const again: string[] = [];
    const onEvent = (event: ReleaseEvent) => {
      if (event.type === 'step-started') again.push(event.step.id);
    };
    expect(await environment.resume({ onEvent })).toMatchObject({ outcome: 'deployed' });
    expect(again).not.toContain('job:import');
    expect(await project.ask('api')).toMatchObject({ version: '2' });
    expect((await environment.status()).jobs).toMatchObject([{ name: 'import', last: { state: 'done' } }]);
  });
});

interface ListedContainer {
  readonly Names: readonly string[];
}
