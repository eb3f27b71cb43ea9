import type { EnvironmentSecrets } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { fakeSecrets } from '../../testing/fake-environment.ts';
import { runMaestro } from '../../testing/run-maestro.ts';

const diff = {
  from: '/shop/.env.production',
  to: 'AWS Secrets Manager in eu-central-1',
  secrets: [
    { name: 'EMPTY', change: 'empty' as const },
    { name: 'NEW', change: 'added' as const, from: 'f1' },
    { name: 'OLD', change: 'only-there' as const, to: 't1' },
    { name: 'OTHER', change: 'changed' as const, from: 'f2', to: 't2' },
    { name: 'SAME', change: 'unchanged' as const, from: 'f3', to: 't3' },
  ],
};
const nothing = { created: [], changed: [], restored: [] };

it('shows which versions a deployment of some services would get', async () => {
  const prepared = {
    store: 'AWS',
    services: [
      {
        service: 'api',
        secrets: [
          { name: 'DATABASE_URL', version: 'v1' },
          { name: 'TOKEN', version: 'v2' },
        ],
      },
      { service: 'web', secrets: [{ name: 'TOKEN', version: 'v2' }] },
    ],
  };
  const prepare = vi.fn().mockResolvedValue(prepared);
  const environment = { secrets: fakeSecrets({ prepare }) };
  const { stdout } = await runMaestro('secrets prepare api web -e production', { environment });
  expect(prepare).toHaveBeenCalledWith(expect.objectContaining({ services: ['api', 'web'] }));
  expect(stdout.split('\n')).toEqual([
    'api  DATABASE_URL  v1',
    '     TOKEN         v2',
    'web  TOKEN         v2',
    'All there: 2 of AWS.',
    '',
  ]);
  const { jsonLines } = await runMaestro('secrets prepare -e production --json', { environment });
  expect(prepare).toHaveBeenLastCalledWith(expect.objectContaining({ services: undefined }));
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...prepared }]);
});

it('says so when no service needs a secret', async () => {
  const prepare = vi.fn().mockResolvedValue({ store: 'AWS', services: [] });
  const { stdout } = await runMaestro('secrets prepare -e production', {
    environment: { secrets: fakeSecrets({ prepare }) },
  });
  expect(stdout).toBe('No service of production needs a secret.\n');
});

it('tells progress in lines, and as events', async () => {
  const at = '2026-01-15T12:00:00.000Z';
  const prepare: EnvironmentSecrets['prepare'] = (options) => {
    options?.onEvent?.({ type: 'secrets-fetching', store: 'AWS', names: ['A', 'B'], at });
    const services = ['api'];
    options?.onEvent?.({ type: 'secrets-prepared', store: 'AWS', names: ['A', 'B'], services, durationMs: 30, at });
    options?.onEvent?.({ type: 'secret-uploaded', store: 'AWS', name: 'A', change: 'created', at });
    return Promise.resolve({ store: 'AWS', services: [] });
  };
  const environment = { secrets: fakeSecrets({ prepare }) };
  const { stderr } = await runMaestro('secrets prepare -e production', { environment });
  expect(stderr).toMatch(/fetch 2 secrets of AWS …\n.* fetch 2 secrets of AWS … 30 ms\n.* created A\n$/);
  const { jsonLines } = await runMaestro('secrets prepare -e production --json', { environment });
  expect(jsonLines().map((line) => (line as { type: string }).type)).toEqual([
    'secrets-fetching',
    'secrets-prepared',
    'secret-uploaded',
    'result',
  ]);
});

it('lists what is needed and what is stored', async () => {
  const none = { kmsKey: null, tags: {} };
  const secrets = [
    { name: 'GONE', services: ['api'], state: 'pending-deletion' as const, version: 'v1', ...none },
    { name: 'SPARE', services: [], state: 'stored' as const, version: 'v2', ...none, kmsKey: 'alias/shop' },
    { name: 'TOKEN', services: ['api', 'web'], state: 'missing' as const, version: null, ...none },
  ];
  const environment = { secrets: fakeSecrets({ list: () => Promise.resolve(secrets) }) };
  const { stdout } = await runMaestro('secrets list -e production', { environment });
  expect(stdout.split('\n')).toEqual([
    'GONE   pending-deletion  v1  api',
    'SPARE  stored            v2  needed by no service  alias/shop',
    'TOKEN  missing           -   api, web',
    '',
  ]);
  const { jsonLines } = await runMaestro('secrets list -e production --json', { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, secrets }]);
  const empty = { secrets: fakeSecrets({ list: () => Promise.resolve([]) }) };
  expect((await runMaestro('secrets list -e production', { environment: empty })).stdout).toBe(
    'No secrets in production.\n',
  );
});

it.each([
  ['', { file: undefined, services: undefined }],
  [' --file other.env --service api --service web', { file: 'other.env', services: ['api', 'web'] }],
  [' --from staging', { environment: 'staging' }],
])('compares%s', async (flags, asked) => {
  const compare = vi.fn().mockResolvedValue(diff);
  const environment = { secrets: fakeSecrets({ diff: compare }) };
  const { stdout } = await runMaestro(`secrets diff${flags} -e production`, { environment });
  expect(compare).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect(stdout.split('\n')).toEqual([
    'From /shop/.env.production',
    'to AWS Secrets Manager in eu-central-1:',
    '    EMPTY  empty, is not written',
    '  + NEW    added',
    '    OLD    only there',
    '  ~ OTHER  changed',
    '1 unchanged.',
    '',
  ]);
  const { jsonLines } = await runMaestro(`secrets diff${flags} -e production --json`, { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...diff }]);
});

it('does not compare with a file and an environment at once', async () => {
  const { exitCode } = await runMaestro('secrets diff --file a --from b -e production', {});
  expect(exitCode).toBe(2);
});

it('writes nothing without --yes, and says how to have it written', async () => {
  const upload = vi.fn().mockResolvedValue({ diff, ...nothing });
  const environment = { secrets: fakeSecrets({ upload }) };
  const { stdout } = await runMaestro('secrets upload --service api --file a.env -e production', { environment });
  expect(upload).toHaveBeenCalledWith(
    expect.objectContaining({ dryRun: true, services: ['api'], file: 'a.env', restore: false }),
  );
  expect(stdout).toMatch(
    /Nothing was written\. Next: maestro secrets upload --file a\.env --service api --yes -e production\n$/,
  );
});

it('offers to restore what is marked for deletion', async () => {
  const secrets = [{ name: 'GONE', change: 'pending-deletion' as const, from: 'f1' }];
  const upload = vi.fn().mockResolvedValue({ diff: { ...diff, secrets }, ...nothing });
  const { stdout } = await runMaestro('secrets upload -e production', {
    environment: { secrets: fakeSecrets({ upload }) },
  });
  expect(stdout).toContain('! GONE  marked for deletion there\n');
  expect(stdout).toMatch(/Next: maestro secrets upload --restore --yes -e production\n$/);
});

it('writes with --yes, with a key and tags for what is created', async () => {
  const upload = vi.fn().mockResolvedValue({ diff, created: ['NEW'], changed: ['OTHER'], restored: [] });
  const environment = { secrets: fakeSecrets({ upload }) };
  const words = 'secrets upload --yes --restore --kms-key alias/shop --tag team=shop --tag a=b=c -e production';
  const { stdout } = await runMaestro(words, { environment });
  const asked = { dryRun: false, restore: true, kmsKey: 'alias/shop', tags: { team: 'shop', a: 'b=c' } };
  expect(upload).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect(stdout).toMatch(/\nWritten: 1 created, 1 changed, 0 restored\.\n$/);
  const { jsonLines } = await runMaestro(`${words} --json`, { environment });
  expect(jsonLines()).toEqual([
    { type: 'result', ok: true, dryRun: false, ...diff, created: ['NEW'], changed: ['OTHER'], restored: [] },
  ]);
});

it('says that there is nothing to upload', async () => {
  const secrets = [
    { name: 'SAME', change: 'unchanged' as const },
    { name: 'OLD', change: 'only-there' as const },
  ];
  const upload = vi.fn().mockResolvedValue({ diff: { ...diff, secrets }, ...nothing });
  const { stdout } = await runMaestro('secrets upload -e production', {
    environment: { secrets: fakeSecrets({ upload }) },
  });
  expect(stdout).toMatch(/\nNothing to upload\.\n$/);
});

it('refuses a tag without a name', async () => {
  const { exitCode, stderr } = await runMaestro('secrets upload --tag =x -e production', {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Expected a name and a value');
});

it.each([
  ['-- node -e x --json', { command: 'node', args: ['-e', 'x', '--json'], service: undefined, redactOutput: false }],
  [
    '--service api --redact --pass AWS_PROFILE -- a -- b',
    { command: 'a', args: ['--', 'b'], service: 'api', redactOutput: true, pass: ['AWS_PROFILE'] },
  ],
])('runs what stands after -- (%s), adds nothing to it and ends as it does', async (words, asked) => {
  const run = vi.fn().mockResolvedValue({ exitCode: 143, signal: 'SIGTERM' });
  const letGoOfSignals = vi.fn();
  const environment = { secrets: fakeSecrets({ run }) };
  const { exitCode, stdout, stderr } = await runMaestro(`secrets run -e production ${words}`, {
    environment,
    letGoOfSignals,
  });
  expect(run).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 143, stdout: '', stderr: '' });
  expect(letGoOfSignals).toHaveBeenCalledOnce();
});

it('keeps signals where it does the work itself', async () => {
  const letGoOfSignals = vi.fn();
  const environment = { secrets: fakeSecrets({ list: () => Promise.resolve([]) }) };
  await runMaestro('secrets list -e production', { environment, letGoOfSignals });
  expect(letGoOfSignals).not.toHaveBeenCalled();
});

it('prints a policy as IAM takes it', async () => {
  const document = { Version: '2012-10-17' as const, Statement: [] };
  const policy = vi.fn().mockResolvedValue(document);
  const environment = { secrets: fakeSecrets({ policy }) };
  const words =
    'secrets policy --account 123456789012 --for upload --service api --secret PART --kms-key arn:aws:kms:x';
  const { stdout } = await runMaestro(`${words} -e production`, { environment });
  expect(policy).toHaveBeenCalledWith({
    use: 'upload',
    account: '123456789012',
    services: ['api'],
    secrets: ['PART'],
    kmsKeys: ['arn:aws:kms:x'],
  });
  expect(JSON.parse(stdout)).toEqual(document);
  const { jsonLines } = await runMaestro(`${words} -e production --json`, { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, policy: document }]);
});

it.each(['', ' --account 12', ' --account 123456789012 --for delete'])('refuses to make a policy%s', async (flags) => {
  expect((await runMaestro(`secrets policy${flags} -e production`, {})).exitCode).toBe(2);
});
