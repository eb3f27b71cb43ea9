import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { expect, it } from 'vitest';

import { type MaestroEvent, openMaestro } from '../src/maestro-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A program in place of the command line. */
function program(source: string, deadlineMs = 10_000) {
  const folder = temporaryFolder();
  const main = join(folder, 'main.mjs');
  writeFileSync(main, source);
  return openMaestro({ folder, config: 'the.config.ts', clock: systemClock, main, deadlineMs });
}

it('passes the command, the environment and the configuration, and returns the result line', async () => {
  const maestro = program(`
    console.log(JSON.stringify({ type: 'step-started', arguments: process.argv.slice(2) }));
    console.log(JSON.stringify({ type: 'result', ok: true, outcome: 'deployed', durationMs: 7, switchMs: null }));
  `);
  const events: MaestroEvent[] = [];
  const result = await maestro(['deploy'], { onEvent: (event) => events.push(event) });
  expect(result).toMatchObject({ ok: true, outcome: 'deployed', durationMs: 7, switchMs: null });
  expect(events).toEqual([
    { type: 'step-started', arguments: ['deploy', '-e', 'demo', '-c', 'the.config.ts', '--json'] },
  ]);
});

it('returns a refusal as a result', async () => {
  const maestro = program(`
    console.log('{"type":"result","ok":false,"outcome":"refused","error":{"code":"A","message":"why","hint":null}}');
    process.exitCode = 1;
  `);
  expect(await maestro(['deploy'])).toMatchObject({
    ok: false,
    outcome: 'refused',
    error: { code: 'A', message: 'why' },
  });
});

it('tells what a program said that ended without a result', async () => {
  const maestro = program(`console.error('out of memory'); process.exitCode = 1;`);
  await expect(maestro(['deploy'])).rejects.toMatchObject({
    code: 'DEMO_MAESTRO_SILENT',
    message: expect.stringContaining('out of memory') as string,
  });
});

it('interrupts a program that takes too long, and waits until it has cleaned up', async () => {
  const marker = join(temporaryFolder(), 'cleaned-up');
  const maestro = program(
    `import { writeFileSync } from 'node:fs';
     process.on('SIGINT', () => { writeFileSync(${JSON.stringify(marker)}, ''); process.exit(130); });
     setInterval(() => {}, 1000);`,
    1_000,
  );
  await expect(maestro(['deploy'])).rejects.toMatchObject({ code: 'DEMO_MAESTRO_TIMEOUT' });
  expect(existsSync(marker)).toBe(true);
});

it('interrupts a program when the demo is interrupted', async () => {
  const maestro = program(`console.log('{"type":"started"}'); setInterval(() => {}, 1000);`);
  const interruption = new AbortController();
  const running = maestro(['deploy'], {
    signal: interruption.signal,
    onEvent: () => {
      interruption.abort(new Error('Ctrl-C'));
    },
  });
  await expect(running).rejects.toThrow('Ctrl-C');
});
