import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it, onTestFinished } from 'vitest';

import { holdExclusively } from './exclusive-hold.ts';

async function fileToHold(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-core-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'held.lock');
}

it('gives a file to one holder at a time, also within one process', async () => {
  const file = await fileToHold();
  const hold = holdExclusively(file);
  expect(hold).toBeDefined();
  expect(holdExclusively(file)).toBeUndefined();
  hold?.[Symbol.dispose]();
  const next = holdExclusively(file);
  expect(next).toBeDefined();
  next?.[Symbol.dispose]();
});

it('is free again as soon as its holder is killed', async () => {
  const file = await fileToHold();
  const module = fileURLToPath(new URL('exclusive-hold.ts', import.meta.url));
  const program = `
    import { holdExclusively } from ${JSON.stringify(module)};
    globalThis.hold = holdExclusively(${JSON.stringify(file)});
    process.stdout.write(hold ? 'held' : 'refused');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('held');
  expect(holdExclusively(file)).toBeUndefined();

  child.kill('SIGKILL');
  await once(child, 'exit');
  const hold = holdExclusively(file);
  expect(hold).toBeDefined();
  hold?.[Symbol.dispose]();
});

it('passes on what keeps the file from being held at all', () => {
  expect(() => holdExclusively('/nowhere/at/all.lock')).toThrow(/unable to open/);
});
