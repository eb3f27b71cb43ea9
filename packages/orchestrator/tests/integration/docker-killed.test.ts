import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { dockerProject, imageMs } from './docker-project.ts';
import { runAndDie } from './run-and-die.ts';

const moments = [
  { moment: 'finished', step: 'build', recovery: null },
  { moment: 'finished', step: 'image:api', recovery: 'resume' },
  { moment: 'started', step: 'start:web', recovery: 'abort' },
  { moment: 'finished', step: 'start:api', recovery: 'resume' },
  { moment: 'finished', step: 'probe:web', recovery: 'abort' },
  { moment: 'finished', step: 'switch', recovery: 'abort' },
  { moment: 'finished', step: 'switch', recovery: 'resume' },
  { moment: 'finished', step: 'stop:api', recovery: 'resume' },
] as const;

// Without an image repository: images are known by the engine's own ids.
describeWith('a deployer of containers that is killed', ['docker', 'nginx'], (parts) => {
  it('leaves every service answering, and what it was at is resumed or undone', { timeout: 2 * imageMs }, async () => {
    await using project = await dockerProject('killed', { docker: parts().docker });
    const { environment } = project;
    const versions = async () => [(await project.ask('api')).version, (await project.ask('web')).version];
    await environment.deploy();
    let live = '1';

    for (const [index, { moment, step, recovery }] of moments.entries()) {
      const next = String(index + 2);
      await project.commit({
        'services/api/version': next,
        'services/web/version': next,
        [`services/api/migrations/000${next}_add_note.up.sql`]: `ALTER TABLE orders ADD COLUMN note${next} TEXT;\n`,
      });
      await runAndDie(project, moment, step);
      const switched = step === 'switch' || step === 'stop:api';
      expect(await versions(), `after ${step}`).toEqual(switched ? [next, next] : [live, live]);
      const { interrupted } = await environment.status();
      if (recovery === null) {
        expect(interrupted).toBeNull();
        continue;
      }
      expect(interrupted).toMatchObject({ kind: 'deploy', switched });
      const { outcome } = await environment[recovery]();
      expect(outcome).toBe(recovery === 'resume' ? 'deployed' : 'aborted');
      if (recovery === 'resume') live = next;
      expect(await versions(), `after ${recovery} at ${step}`).toEqual([live, live]);
      const status = await environment.status();
      expect(status.interrupted).toBeNull();
      expect(status.drift).toEqual([]);
      for (const service of status.services) {
        expect(service.live?.healthy).toBe(true);
        expect(service.idle?.state).not.toBe('running');
      }
    }
    expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
  });
});
