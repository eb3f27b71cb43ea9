import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';

it('asks on a terminal and stops after a yes', async () => {
  const stop = vi.fn().mockResolvedValue(undefined);
  const finished = await runMaestro('stop -e production', { environment: { stop }, terminal: true, typed: 'y\n' });
  expect(finished.stderr).toContain('Stop all services of production? Nobody will reach them. [y/N] ');
  expect(finished).toMatchObject({ exitCode: 0, stdout: 'Stopped production. Next: maestro deploy -e production\n' });
  expect(stop).toHaveBeenCalledOnce();
});

it('changes nothing when the answer is no', async () => {
  const stop = vi.fn();
  const options = { environment: { stop }, terminal: true, typed: 'n\n' };
  const { exitCode, stderr } = await runMaestro('stop -e production', options);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('CLI_NOT_CONFIRMED: stop was not confirmed; nothing was changed');
  expect(stop).not.toHaveBeenCalled();
});

it('does not ask when --yes is given', async () => {
  const environment = { stop: () => Promise.resolve() };
  const finished = await runMaestro('stop -e production --yes', { environment, terminal: true });
  expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
});

it('needs --yes where nobody can answer', async () => {
  const stop = vi.fn().mockResolvedValue(undefined);
  const refused = await runMaestro('stop -e production --json', { environment: { stop } });
  expect(refused.exitCode).toBe(2);
  expect(refused.jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: {
        code: 'CLI_USAGE',
        message: 'stop asks before it acts, and nobody can answer here',
        hint: 'maestro stop -e production --yes',
      },
    },
  ]);
  expect(stop).not.toHaveBeenCalled();

  const stopped = await runMaestro('stop -e production --json --yes', { environment: { stop } });
  expect(stopped.jsonLines()).toEqual([{ type: 'result', ok: true, environment: 'production' }]);
});
