import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';

const slow = { timeout: 120_000 };
const canary = 'c@nary#"1"';

describeWith('maestro secrets', ['aws'], (parts) => {
  let folder: string;
  let project: string;
  const printed: string[] = [];

  beforeEach(async () => {
    const { endpoint, credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    folder = await mkdtemp(join(tmpdir(), 'maestro-cli-secrets-'));
    project = `shop-${crypto.randomUUID().slice(0, 8)}`;
    const aws = { source: 'aws', regions: ['eu-central-1'], endpoint };
    const service = (secrets: readonly string[]) => ({ context: '.', command: ['node'], secrets });
    const on = (secrets: object) => ({ runtime: 'embedded', proxy: { port: 0 }, secrets });
    const config = {
      project,
      services: { api: service(['TOKEN', 'URL']), web: service(['TOKEN', 'WEB_ONLY']) },
      environments: {
        production: on(aws),
        staging: on(aws),
        development: on({ source: 'dotenv', file: '.env' }),
      },
    };
    await writeFile(join(folder, 'maestro.config.json'), JSON.stringify(config));
    await env('.env.production', { TOKEN: canary, URL: 'pg://{{maestro:PART}}', PART: canary, WEB_ONLY: canary });
    printed.length = 0;
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  const env = (file: string, values: Readonly<Record<string, string>>) =>
    writeFile(
      join(folder, file),
      Object.entries(values)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
      { mode: 0o600 },
    );
  const start = (...[first = '', ...rest]: readonly string[]) => {
    const flags = ['-c', join(folder, 'maestro.config.json'), ...(rest[0] === '-e' ? [] : ['-e', 'production'])];
    return new MaestroProcess(['secrets', first, ...flags, ...rest]);
  };
  const run = async (...args: readonly string[]) => {
    const maestro = start(...args);
    const exitCode = await maestro.exitCode();
    printed.push(maestro.stdout, maestro.stderr);
    return { exitCode, stdout: maestro.stdout, stderr: maestro.stderr };
  };
  const result = async (command: string, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { stdout, exitCode } = await run(command, ...(args[0] === '-e' ? args.slice(0, 2) : []), '--json', ...args);
    return { exitCode, ...(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as object) };
  };

  it('compares, uploads, checks, lists and hands to a command, and prints no value', slow, async () => {
    expect(await result('prepare')).toMatchObject({ exitCode: 1, ok: false, error: { code: 'SECRETS_MISSING' } });
    expect(await result('upload')).toMatchObject({ dryRun: true, created: [] });
    expect(await result('upload', '--service', 'api', '--yes')).toMatchObject({ created: ['PART', 'TOKEN', 'URL'] });
    expect(await result('upload', '--yes')).toMatchObject({ created: ['WEB_ONLY'], changed: [] });
    expect((await run('upload', '--yes')).stdout).toContain('Nothing to upload.');

    const prepared = await result('prepare', 'api');
    const names = (prepared.services as { secrets: { name: string }[] }[])[0]?.secrets.map(({ name }) => name);
    expect(names).toEqual(['TOKEN', 'URL', 'PART']);
    expect(await result('list')).toMatchObject({
      secrets: [
        {
          name: 'PART',
          services: [],
          state: 'stored',
          tags: { 'maestro:project': project, 'maestro:environment': 'production' },
        },
        { name: 'TOKEN', services: ['api', 'web'] },
        { name: 'URL', services: ['api'] },
        { name: 'WEB_ONLY', services: ['web'] },
      ],
    });

    await env('.env.production', { TOKEN: `${canary}-2`, URL: 'pg://{{maestro:PART}}', PART: canary, WEB_ONLY: '' });
    expect((await run('diff')).stdout).toMatch(/~ TOKEN +changed\n {4}WEB_ONLY +empty, is not written\n2 unchanged\./);
    expect(await result('upload', '--yes')).toMatchObject({ changed: ['TOKEN'] });
    expect(await result('diff', '-e', 'staging', '--from', 'production')).toMatchObject({
      secrets: ['PART', 'TOKEN', 'URL', 'WEB_ONLY'].map((name) => ({ name, change: 'added' })),
    });
    expect(printed.join('')).not.toContain('nary');
  });

  it('runs a command with the secrets of one service, and ends as it does', slow, async () => {
    await run('upload', '--yes');
    vi.stubEnv('WEB_ONLY', 'inherited');
    const show = `console.log(JSON.stringify([process.env.TOKEN, process.env.URL, process.env.WEB_ONLY ?? null,
      Object.keys(process.env).filter((name) => /^AWS_/.test(name))])); process.exitCode = 7`;
    const { exitCode, stdout } = await run('run', '--service', 'api', '--', process.execPath, '-e', show);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toEqual([canary, `pg://${canary}`, null, []]);

    const all = await run('run', '--redact', '--', process.execPath, '-e', show);
    expect(all.stdout).toBe('["[redacted]","[redacted]","[redacted]",[]]\n');

    const lasting = start('run', '--', process.execPath, '-e', "console.error('ready'); setInterval(() => {}, 1e6)");
    await lasting.says('ready');
    lasting.child.kill('SIGTERM');
    expect(await lasting.exitCode()).toBe(143);
    expect(lasting.stderr).toBe('ready\n');
  });

  it('says what is wrong, with a next step and no value', slow, async () => {
    expect(await result('upload', '--file', join(folder, 'nowhere.env'))).toMatchObject({ exitCode: 2 });
    await writeFile(join(folder, '.env.production'), `TOKEN=${canary}\n`);
    const ambiguous = await run('upload', '--yes');
    expect(ambiguous.exitCode).toBe(2);
    expect(ambiguous.stderr).toMatch(/SECRETS_AMBIGUOUS_LINE: .*\.env\.production:1:13 /);
    expect(await result('upload', '-e', 'development')).toMatchObject({
      exitCode: 2,
      error: { code: 'ORCHESTRATOR_NO_SECRET_STORE' },
    });
    expect(await result('run', '--', 'nowhere-to-be-found')).toMatchObject({
      exitCode: 1,
      error: { code: 'SECRETS_MISSING' },
    });
    expect(printed.join('')).not.toContain('nary');
  });

  it('asks nobody for a policy, and keeps nothing but the key of versions', slow, async () => {
    await run('diff');
    const { stdout } = await run('policy', '--account', '123456789012', '--service', 'web');
    const { Statement } = JSON.parse(stdout) as { Statement: { Sid: string; Resource: string[] }[] };
    const arn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${project}/production`;
    expect(Statement.find(({ Sid }) => Sid === 'Read')?.Resource).toEqual([
      `${arn}/TOKEN-??????`,
      `${arn}/WEB_ONLY-??????`,
    ]);

    const state = await readdir(join(folder, '.maestro'), { recursive: true, withFileTypes: true });
    const files = state.filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual(['fingerprint.key']);
    for (const { parentPath, name } of files)
      expect(await readFile(join(parentPath, name), 'latin1')).not.toContain('nary');
  });
});
