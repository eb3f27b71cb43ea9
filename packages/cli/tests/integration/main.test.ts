import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';

it('prints its version', async () => {
  const maestro = new MaestroProcess(['--version']);
  expect(await maestro.exitCode()).toBe(0);
  const contents = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(contents).toContain(`"version": "${maestro.stdout.trim()}"`);
});

it('prints help', async () => {
  const maestro = new MaestroProcess(['--help']);
  expect(await maestro.exitCode()).toBe(0);
  expect(maestro.stdout).toContain('Usage: maestro [options] [command]');
});

it('exits with 2 for an unknown command, and names the one that was meant', async () => {
  const maestro = new MaestroProcess(['deplyo']);
  expect(await maestro.exitCode()).toBe(2);
  expect(maestro.stderr).toBe("CLI_USAGE: unknown command 'deplyo'\nNext: did you mean deploy?\n");
});

it('ends by itself once a release is done', async () => {
  const maestro = MaestroProcess.onFakes('deploy', '-e', 'quick', '--json');
  expect(await maestro.exitCode()).toBe(0);
  const lines = maestro.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(8);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'result', ok: true, outcome: 'deployed' });
});

it.each(['SIGINT', 'SIGTERM'] as const)('cleans up after %s and exits with 130', async (signal) => {
  const maestro = MaestroProcess.onFakes('deploy', '-e', 'endless');
  await maestro.says('start gateway …');
  maestro.child.kill(signal);
  expect(await maestro.exitCode()).toBe(130);
  expect(maestro.stderr).toMatch(new RegExp(`interrupted by ${signal}; cleaning up[^]*cleaned up[^]*CLI_INTERRUPTED`));
});

it('exits at once when it is interrupted a second time', async () => {
  const maestro = MaestroProcess.onFakes('deploy', '-e', 'stubborn');
  await maestro.says('start gateway …');
  maestro.child.kill('SIGINT');
  await maestro.says('cleaning up');
  await delay(700);
  maestro.child.kill('SIGINT');
  expect(await maestro.exitCode()).toBe(130);
  expect(maestro.stderr).not.toContain('CLI_INTERRUPTED');
});

it('takes a signal that npm passes on for the one the terminal sent', async () => {
  const maestro = MaestroProcess.onFakes('deploy', '-e', 'endless');
  await maestro.says('start gateway …');
  maestro.child.kill('SIGINT');
  await maestro.says('cleaning up');
  maestro.child.kill('SIGINT');
  expect(await maestro.exitCode()).toBe(130);
  expect(maestro.stderr).toContain('cleaned up');
  expect(maestro.stderr).toContain('CLI_INTERRUPTED');
});

it('finishes a release whose reader went away', async () => {
  const maestro = MaestroProcess.onFakes('deploy', '-e', 'quick', '--json');
  maestro.child.stdout.destroy();
  expect(await maestro.exitCode()).toBe(0);
  expect(maestro.stderr).toBe('');
});
