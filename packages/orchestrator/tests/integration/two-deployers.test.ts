import { spawn } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { recordFaults } from '@maestro/services/faults';
import { expect, it, onTestFinished } from 'vitest';

import { createProject } from './project.ts';

const fixture = fileURLToPath(new URL('../fixtures/racing-deployer.ts', import.meta.url));
const rounds = process.env.MAESTRO_NIGHTLY === 'true' ? 200 : 8;

it('started together never both switch', { timeout: rounds * 20_000 }, async () => {
  await using project = await createProject();
  await project.environment.deploy();
  const generation = async () => Number((await readlink(join(project.folder, '.maestro/demo/live'))).split('/').at(-1));
  const deployers = [startDeployer(project.config), startDeployer(project.config)];
  for (const { says } of deployers) expect(await says()).toBe('ready');

  const others = new Map<string, number>();
  for (let round = 1; round <= rounds; round += 1) {
    const before = await generation();
    await project.commit({ 'services/web/version': `${round + 1}` });
    for (const { go } of deployers) go();
    const outcomes = await Promise.all(deployers.map(({ says }) => says()));
    recordFaults({
      promised: 'only one deployer switches',
      fault: 'two deployers started together',
      times: 1,
      checked: { generations: 1 },
      wrong: { 'second switches': (await generation()) - before - 1 },
    });

    expect(outcomes.filter((outcome) => outcome === 'deployed')).toHaveLength(1);
    const other = outcomes.find((outcome) => outcome !== 'deployed') ?? '';
    others.set(other, (others.get(other) ?? 0) + 1);
    expect(await generation()).toBe(before + 1);
    expect(await project.ask('web')).toMatchObject({ version: `${round + 1}` });
  }
  // Told that somebody else deploys, or come too late to find anything to do.
  expect(['ORCHESTRATOR_LOCKED', 'unchanged']).toEqual(expect.arrayContaining([...others.keys()]));
  expect(others.get('ORCHESTRATOR_LOCKED')).toBeGreaterThan(0);
  expect((await project.environment.status()).lock).toBeNull();
});

/** A process that deploys when it is told to, as often as it is. */
function startDeployer(config: string) {
  const child = spawn(
    process.execPath,
    ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', fixture, config],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    go: () => child.stdin.write('go\n'),
    says: async () => (await lines.next()).value as string,
  };
}
