import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, it } from 'vitest';

const main = join(import.meta.dirname, '..', 'src', 'main.ts');

it('interrupted twice at once, as npm does it, removes what it started', async () => {
  const demo = spawn(process.execPath, ['--conditions=@maestro/source', main, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(demo, 'exit');
  const lines: { readonly type: string; readonly folder?: string }[] = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    const event = JSON.parse(line) as (typeof lines)[number];
    lines.push(event);
    if (event.type === 'step-started') {
      demo.kill('SIGINT');
      demo.kill('SIGTERM');
    }
  }
  expect(await ended).toEqual([130, null]);
  expect(lines.at(-1)).toMatchObject({ type: 'result', ok: false, error: { code: 'DEMO_INTERRUPTED' } });
  expect(lines[0]?.type).toBe('demo-started');
  expect(existsSync(lines[0]?.folder ?? '/')).toBe(false);
});

it('refuses a flag it does not know', async () => {
  const demo = spawn(process.execPath, ['--conditions=@maestro/source', main, '--fast'], { stdio: 'ignore' });
  expect(await once(demo, 'exit')).toEqual([2, null]);
});
