import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

const config = join(import.meta.dirname, 'fixtures/faults/vitest.config.ts');
const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');

it('writes what tests have counted, and those that failed, for files that record faults', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-faults-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const run = spawn(process.execPath, [vitest, 'run', '--config', config], {
    stdio: 'ignore',
    env: { ...process.env, VITEST: undefined, MAESTRO_RESULTS: folder },
  });
  expect(await once(run, 'exit')).toEqual([1, null]);
  expect(await readdir(folder)).toEqual(['benchmarks.fixtures.faults.kills.fixture.ts.json']);
  const results = JSON.parse(await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8')) as unknown;
  expect(results).toMatchObject({
    file: 'benchmarks/tests/fixtures/faults/kills.fixture.ts',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    machine: { node: process.version },
    tests: [
      {
        name: 'counts',
        passed: true,
        faults: [{ fault: 'writer killed', times: 2, checked: { files: 10 }, wrong: { 'torn files': 0 } }],
      },
      { name: 'fails', passed: false, faults: [] },
    ],
  });
});
