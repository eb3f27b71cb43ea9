import type { EnvironmentSecrets } from '@maestro/orchestrator';
import { MaestroError } from '@maestro/core';
import { expect, it, vi } from 'vitest';

import { fakeSecrets } from '../../testing/fake-environment.ts';
import { runMaestro } from '../../testing/run-maestro.ts';

const planned = [
  { name: 'LOGIN', by: 'alternating-users' as const, service: 'api', version: 'v1', unfinished: null },
  { name: 'JOBS', by: 'single-user' as const, service: 'jobs', version: 'v2', unfinished: 'v3' },
  { name: 'KEY', by: 'aws' as const, service: null, version: null, unfinished: null },
];
const token = '0b5e8f7a-6f0f-4a57-9d6a-1c2f7e6b8a90';

it('rotates nothing without --yes, and says how to have it done', async () => {
  const rotate = vi.fn().mockResolvedValue({ store: 'AWS', planned, rotated: [] });
  const environment = { secrets: fakeSecrets({ rotate }) };
  const { stdout } = await runMaestro('secrets rotate -e production', { environment });
  expect(rotate).toHaveBeenCalledWith(
    expect.objectContaining({ dryRun: true, secrets: undefined, services: undefined, versionsInUse: undefined }),
  );
  expect(stdout.split('\n')).toEqual([
    'LOGIN  alternating users in the database of api  v1',
    'JOBS   the only user in the database of jobs     v2, goes on with v3',
    'KEY    by its Lambda in AWS                      is not there',
    'Nothing was rotated. Next: maestro secrets rotate --yes -e production',
    '',
  ]);
  const { jsonLines } = await runMaestro('secrets rotate -e production --json', { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, dryRun: true, store: 'AWS', planned, rotated: [] }]);
});

it.each([
  [`LOGIN --in-use v1 --in-use v0 --token ${token}`, { secrets: ['LOGIN'], versionsInUse: ['v1', 'v0'], token }],
  ['--service api --service jobs', { services: ['api', 'jobs'], secrets: undefined }],
])('repeats what it was asked for in the next command: %s', async (words, asked) => {
  const rotate = vi.fn().mockResolvedValue({ store: 'AWS', planned, rotated: [] });
  const environment = { secrets: fakeSecrets({ rotate }) };
  const { stdout } = await runMaestro(`secrets rotate ${words} -e production`, { environment });
  expect(rotate).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect(stdout).toContain(`Next: maestro secrets rotate ${words} --yes -e production\n`);
});

it('tells each step and the versions before and after', async () => {
  const at = '2026-01-15T12:00:00.000Z';
  const rotated = [
    { name: 'LOGIN', version: 'v2', previous: 'v1', outcome: 'rotated' as const },
    { name: 'KEY', version: 'v9', previous: undefined, outcome: 'resumed' as const },
  ];
  const rotate: EnvironmentSecrets['rotate'] = (options) => {
    options?.onEvent?.({ type: 'rotation-created', name: 'LOGIN', from: 'v1', to: 'v2', at });
    options?.onEvent?.({ type: 'rotation-set', name: 'LOGIN', to: 'v2', at });
    options?.onEvent?.({ type: 'rotation-tested', name: 'LOGIN', to: 'v2', at });
    options?.onEvent?.({ type: 'rotation-finished', name: 'LOGIN', from: 'v1', to: 'v2', at });
    options?.onEvent?.({ type: 'rotation-resumed', name: 'KEY', from: 'v8', to: 'v9', at });
    return Promise.resolve({ store: 'AWS', planned, rotated });
  };
  const environment = { secrets: fakeSecrets({ rotate }) };
  const { stdout, stderr } = await runMaestro('secrets rotate --yes -e production', { environment });
  expect(stdout).toBe('LOGIN  rotated  v1 -> v2\nKEY    resumed  v9\n');
  expect(stderr.split('\n').map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'rotate LOGIN: version v2 created, to follow v1',
    'rotate LOGIN: the new login is set',
    'rotate LOGIN: the new login works',
    'rotate LOGIN: version v2 is current',
    'rotate KEY: version v9 was created before, goes on',
    '',
  ]);
  const { jsonLines } = await runMaestro('secrets rotate --yes -e production --json', { environment });
  expect(jsonLines().at(-1)).toMatchObject({ ok: true, dryRun: false, rotated: [{ name: 'LOGIN' }, { name: 'KEY' }] });
});

it.each([
  ['LOGIN --service api', 'name secrets or services'],
  ['--in-use v1', '--in-use needs the name of one secret'],
  ['A B --in-use v1', '--in-use needs the name of one secret'],
  ['A --token 12', 'Expected a UUID'],
])('is misused by %s', async (words, said) => {
  const { exitCode, stderr } = await runMaestro(`secrets rotate ${words} -e production`, {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain(said);
});

it.each([
  ['SECRETS_IN_USE', 3],
  ['SECRETS_CONFLICT', 3],
  ['ORCHESTRATOR_LOCKED', 3],
  ['ORCHESTRATOR_NO_ROTATION', 2],
  ['SECRETS_LOGIN_REFUSED', 1],
])('ends %s with %i', async (code, exitCode) => {
  const rotate = () => Promise.reject(new MaestroError(code, 'no'));
  const environment = { secrets: fakeSecrets({ rotate }) };
  expect((await runMaestro('secrets rotate --yes -e production', { environment })).exitCode).toBe(exitCode);
});
