import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';

it('runs a command where the service runs, and exits as it does', async () => {
  const exec = vi.fn().mockResolvedValue({ slot: 'green', exitCode: 42 });
  const letGoOfSignals = vi.fn();
  const options = { environment: { exec }, letGoOfSignals };
  const finished = await runMaestro('exec api --slot green --replica 1 -e production -- ls -l --json', options);
  expect(exec).toHaveBeenCalledWith(
    expect.objectContaining({ service: 'api', command: ['ls', '-l', '--json'], slot: 'green', replica: 1 }),
  );
  expect(finished).toMatchObject({ exitCode: 42, stdout: '', stderr: '' });
  expect(letGoOfSignals).toHaveBeenCalledOnce();
});

it.each(['exec -e production', 'exec api -e production', 'exec api --replica x -e production -- ls'])(
  'refuses "%s"',
  async (line) => {
    expect(await runMaestro(line)).toMatchObject({ exitCode: 2, stdout: '' });
  },
);
