import { MaestroError } from '@maestro/core';
import { expect, it, vi } from 'vitest';

import { interrupted } from '../errors.ts';
import { sampleLogs } from '../testing/operations-data.ts';
import { runMaestro } from '../testing/run-maestro.ts';
import { minutesAgo, noon, release } from '../testing/sample-data.ts';

it.each([
  ['', { service: 'api', slot: undefined, tail: 100, sinceMs: undefined, follow: undefined }],
  ['-f --tail all --slot blue', { slot: 'blue', tail: undefined, follow: true }],
  ['--unredacted', { unredacted: true }],
  ['--since 10m --tail 0', { tail: 0, sinceMs: noon - 600_000 }],
  ['--since 2026-01-15T12:00:00Z', { sinceMs: Date.UTC(2026, 0, 15, 12) }],
])('shows what a service prints: %s', async (words, asked) => {
  const logs = vi.fn().mockImplementation(() => Promise.resolve(sampleLogs(['begun', 'it is \u001b[31mred'])));
  const finished = await runMaestro(`logs api ${words} -e production`, { environment: { logs } });
  expect(logs).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect(finished).toMatchObject({ exitCode: 0, stderr: '', rawStdout: 'begun\nit is \u001b[31mred\n' });
});

it('gives each line to programs as it comes, also with --quiet', async () => {
  const logs = () => Promise.resolve(sampleLogs(['begun']));
  const { jsonLines } = await runMaestro('logs api -e production --json --quiet', { environment: { logs } });
  const at = new Date(noon).toISOString();
  const line = { service: 'api', slot: 'green', replica: 0, text: 'begun', printedAt: minutesAgo(1) };
  expect(jsonLines()).toEqual([
    { type: 'log-line', ...line, at },
    { type: 'result', ok: true, service: 'api', slot: 'green', release, lines: 1 },
  ]);
});

it('puts times before the lines, and says which copy printed them', async () => {
  async function* lines() {
    yield await Promise.resolve({ replica: 1, at: '2026-01-15T12:00:00.123456789Z', text: 'begun' });
    yield await Promise.resolve({ replica: 0, at: null, text: 'goes on' });
  }
  const logs = () => Promise.resolve(sampleLogs([], { lines: lines() }));
  const { stdout } = await runMaestro('logs api -t -e production', { environment: { logs } });
  expect(stdout).toBe('2026-01-15T12:00:00.123Z #1 begun\ngoes on\n');
});

it('is refused where secrets cannot be taken out', async () => {
  const refusal = new MaestroError('ORCHESTRATOR_LOG_WITHHELD', 'withheld', { hint: 'maestro logs api --unredacted' });
  const logs = () => Promise.reject(refusal);
  const { exitCode, stderr } = await runMaestro('logs api -e production', { environment: { logs } });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('Next: maestro logs -e production api --unredacted\n');
});

it('ends with 130 when it is interrupted, with nothing to clean up', async () => {
  const interruption = new AbortController();
  async function* lines() {
    yield await Promise.resolve({ replica: 0, at: null, text: 'begun' });
    interruption.abort(interrupted('SIGINT'));
    throw interruption.signal.reason;
  }
  const logs = () => Promise.resolve(sampleLogs([], { lines: lines() }));
  const options = { environment: { logs }, signal: interruption.signal };
  const { exitCode, stdout, stderr } = await runMaestro('logs api -f -e production', options);
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: 'begun\n' });
  expect(stderr).toMatch(/^CLI_INTERRUPTED: interrupted by SIGINT\n/);
});

it.each(['--since yesterday', '--tail -1', '--tail some', '--slot red', ''])('refuses "%s"', async (words) => {
  const line = words === '' ? 'logs -e production' : `logs api ${words} -e production`;
  expect(await runMaestro(line)).toMatchObject({ exitCode: 2, stdout: '' });
});
