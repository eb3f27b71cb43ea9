import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { gitChanges } from '@maestro/image-store';
import { affectedServices, loadRegistry, resolveEnvironment } from '@maestro/registry';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { newGitRepository } from '../images/git-repository.ts';
import { processorMs } from './processor-time.ts';
import { requireCount } from './require-count.ts';
import { environmentName, sampleRegistry, serviceName, writeRegistry } from './sample-registry.ts';

const run = promisify(execFile);

const services = 500;
/** The others have to do with nothing that changed. */
const changed = 480;
const changes = 10_000;

/** What a commit of 10,000 changed files affects of 500 services, told which they are, and asking git. */
export async function affected(below: string, { pair, record, quick, signal }: Context): Promise<void> {
  const rounds = quick ? 10 : 20;
  const files = Array.from(
    { length: changes },
    (_, index) => `services/${serviceName(index % changed)}/src/part-${index % 7}/file-${index}.ts`,
  );
  const root = await newGitRepository(below, Object.fromEntries(files.map((file) => [file, ''])));
  const config = await writeRegistry(sampleRegistry(services), root, 'json');
  for (const file of files) await writeFile(join(root, file), 'changed');
  const person = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgSign=false'];
  await run('git', [...person, 'commit', '--all', '--quiet', '--message', 'changes'], { cwd: root, signal });

  const loaded = await loadRegistry({ config, signal });
  const environment = resolveEnvironment(loaded, environmentName);
  const ask = (changedFiles: readonly string[]) => {
    requireCount(affectedServices({ environment, before: environment, changedFiles }).length, changed);
  };
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    samples.push(
      processorMs(() => {
        ask(files);
      }),
    );
  }
  const unit = 'ms';
  record({
    unit,
    bar: { of: 'value', atMost: 1000 },
    name: 'affected by 10,000 files, p99 of processor time',
    samples,
    statistic: 'p99',
  });

  await pair({
    name: 'the same, asking git',
    unit,
    rounds: rounds / 2,
    ours: () =>
      elapsedMs(async () => {
        ask((await gitChanges({ folder: root, since: 'HEAD~1', signal })).files);
      }),
    peer: {
      name: 'git diff',
      measure: () =>
        elapsedMs(() => run('git', ['diff', '--name-only', 'HEAD~1'], { cwd: root, signal, maxBuffer: 10_000_000 })),
    },
  });
}
