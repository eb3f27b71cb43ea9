import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, it } from 'vitest';

import { processIdentity } from './process-identity.ts';

it('tells two processes apart and forgets one that ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const identity = await processIdentity(pid);
  expect(identity).toBeDefined();
  expect(await processIdentity(pid)).toBe(identity);
  expect(await processIdentity(process.pid)).not.toBe(identity);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await processIdentity(pid)).toBeUndefined();
});
