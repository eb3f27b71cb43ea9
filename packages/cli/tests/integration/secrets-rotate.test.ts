import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

import { openEnvironment } from '@maestro/orchestrator';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';
import { type SecretsProject, secretsProject } from './secrets-project.ts';
import { queryServer } from './sql-server.ts';

const slow = { timeout: 120_000 };

interface Login {
  readonly username: string;
  readonly password: string;
}

interface RotatedVersions {
  readonly version: string;
  readonly previous: string;
}

interface PlannedVersions {
  readonly version: string;
  readonly unfinished: string | null;
}

describeWith('maestro secrets rotate', ['aws', 'postgresql', 'mariadb'], (parts) => {
  let project: SecretsProject;
  let api: string;
  let jobs: string;
  const sql = (statement: string) => queryServer(parts().postgresql.url, statement);
  const mysql = (statement: string) => queryServer(parts().mariadb.url, statement);

  beforeAll(async () => {
    const { credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    const { hostname: host, port, pathname, username } = new URL(parts().postgresql.url);
    const database = pathname.slice(1);
    [api, jobs] = [`${database}_api`, `${database}_jobs`];
    for (const user of [api, `${api}_clone`]) await sql(`CREATE ROLE "${user}" LOGIN`);
    for (const user of [`${jobs}_a`, `${jobs}_b`])
      await mysql(`CREATE USER '${user}'@'%' IDENTIFIED BY 'first-password'`);
    for (const user of [`${jobs}_a`, `${jobs}_b`]) {
      await mysql(`GRANT ALL ON ${new URL(parts().mariadb.url).pathname.slice(1)}.* TO '${user}'@'%'`);
    }

    const service = (secrets: readonly string[], rest: object) => ({
      context: '.',
      command: ['node'],
      secrets,
      ...rest,
    });
    project = await secretsProject({
      aws: parts().aws,
      services: {
        api: service(['URL'], {
          database: {
            ...{ adapter: 'postgresql', host, port: Number(port), database, user: 'migrator' },
            rotation: { secret: 'LOGIN', adminSecret: 'ADMIN', probe: 'SELECT 1' },
          },
        }),
        jobs: service(['JOBS_LOGIN'], {
          database: {
            ...{ adapter: 'mysql', urlSecret: 'JOBS_URL' },
            rotation: { secret: 'JOBS_LOGIN', users: [`${jobs}_a`, `${jobs}_b`] },
          },
        }),
      },
      environment: { runtime: 'embedded' },
    });
    await project.upload({
      LOGIN: JSON.stringify({ username: api, password: 'first-password', engine: 'postgres' }),
      ADMIN: JSON.stringify({ username: decodeURIComponent(username), password: 'not-asked-for' }),
      URL: 'postgres://{{maestro:LOGIN#username}}:{{maestro:LOGIN#password}}@db/shop',
      JOBS_LOGIN: JSON.stringify({ username: `${jobs}_a`, password: 'first-password' }),
      JOBS_URL: parts().mariadb.url,
    });
  });
  afterAll(async () => {
    for (const user of [api, `${api}_clone`]) await sql(`DROP ROLE IF EXISTS "${user}"`);
    for (const user of [`${jobs}_a`, `${jobs}_b`]) await mysql(`DROP USER IF EXISTS '${user}'@'%'`);
    await project[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  });

  /** What a program that is started now gets. */
  const valueOf = async (variable: string, service: string) => {
    const show = ['--', process.execPath, '-p', `process.env.${variable}`];
    return (await project.secrets('run', '--service', service, ...show)).stdout.trim();
  };
  const apiLogin = async (): Promise<Login> => {
    const { username, password } = new URL(await valueOf('URL', 'api'));
    return { username, password };
  };
  const versionOf = async (name: string) => {
    await using production = await openEnvironment({ config: project.config, environment: 'production' });
    return (await production.secrets.list()).find((secret) => secret.name === name)?.version;
  };

  it('shows what would be rotated, and changes nothing', slow, async () => {
    const { exitCode, result } = await project.json('rotate');
    const [login, jobsLogin] = await Promise.all([versionOf('LOGIN'), versionOf('JOBS_LOGIN')]);
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: {
        ok: true,
        dryRun: true,
        rotated: [],
        planned: [
          { name: 'LOGIN', by: 'alternating-users', service: 'api', version: login, unfinished: null },
          { name: 'JOBS_LOGIN', by: 'alternating-users', service: 'jobs', version: jobsLogin, unfinished: null },
        ],
      },
    });
    expect(await apiLogin()).toEqual({ username: api, password: 'first-password' });
  });

  it('gives PostgreSQL and MariaDB new logins, turn by turn, and readers get them', slow, async () => {
    const before = await versionOf('LOGIN');
    const { exitCode, events, result } = await project.json('rotate', '--yes');
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { ok: true, rotated: [{ name: 'LOGIN', previous: before, outcome: 'rotated' }, { name: 'JOBS_LOGIN' }] },
    });
    const steps = ['rotation-created', 'rotation-set', 'rotation-tested', 'rotation-finished'];
    expect(events.map(({ type, name }) => [type, name])).toEqual([
      ...steps.map((type) => [type, 'LOGIN']),
      ...steps.map((type) => [type, 'JOBS_LOGIN']),
    ]);

    const login = await apiLogin();
    expect(login.username).toBe(`${api}_clone`);
    const [stored] = await sql(`SELECT rolpassword FROM pg_authid WHERE rolname = '${login.username}'`);
    expect(isVerifierOf(String(stored?.rolpassword), login.password)).toBe(true);
    const jobsLogin = JSON.parse(await valueOf('JOBS_LOGIN', 'jobs')) as Login;
    expect(jobsLogin.username).toBe(`${jobs}_b`);
    expect(await asMysqlUser(jobsLogin, parts().mariadb.url)).toBe(jobsLogin.username);

    const rotatedOnce = await versionOf('LOGIN');
    const again = await project.json('rotate', '--service', 'api', '--yes');
    const [{ version, previous } = { version: '', previous: '' }] = again.result.rotated as RotatedVersions[];
    expect({ version, previous }).toEqual({ version: await versionOf('LOGIN'), previous: rotatedOnce });
    const now = await apiLogin();
    expect(now.username).toBe(api);
    for (const { password } of [login, jobsLogin, now]) {
      // But for what was printed here by the commands that were run with them.
      const printed = project.printed.filter(
        (text) => !text.includes(`:${password}@`) && !text.startsWith('{"username"'),
      );
      expect(printed.join()).not.toContain(password);
    }
  });

  it('finishes what was killed in the middle of it', slow, async () => {
    const before = await versionOf('LOGIN');
    const other = `${api}_clone`;
    const lock = `hashtextextended('maestro-secrets ' || '${other}', 0)`;
    // While this session has the lock of the user, no password is changed.
    const marker = crypto.randomUUID();
    const waiting = sql(`SELECT pg_advisory_lock(${lock}), pg_sleep(600), '${marker}'`).catch(() => undefined);
    const place = ['-c', project.config, '-e', 'production'];
    const killed = new MaestroProcess(['secrets', 'rotate', 'LOGIN', '--yes', ...place]);
    await killed.says('created, to follow');
    killed.child.kill('SIGKILL');
    await killed.exitCode();
    await sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%${marker}%' AND pid <> pg_backend_pid()`,
    );
    await waiting;

    const [planned] = (await project.json('rotate', 'LOGIN')).result.planned as PlannedVersions[];
    expect(planned?.version).toBe(before);
    expect(planned?.unfinished).toMatch(/^[\da-f-]{36}$/);
    expect((await project.json('rotate', 'LOGIN', '--yes')).result).toMatchObject({
      rotated: [{ outcome: 'resumed', previous: before, version: planned?.unfinished }],
    });
    expect((await apiLogin()).username).toBe(other);
  });

  it('is one rotation for all repetitions with a token', slow, async () => {
    const token = crypto.randomUUID();
    const rotate = async () => (await project.json('rotate', 'LOGIN', '--token', token, '--yes')).result;
    expect(await rotate()).toMatchObject({ rotated: [{ version: token, outcome: 'rotated' }] });
    expect(await rotate()).toMatchObject({ rotated: [{ version: token, outcome: 'unchanged' }] });
    expect(await versionOf('LOGIN')).toBe(token);
  });

  it('changes no login that is in use, and leaves what a file has from before', slow, async () => {
    const inUse = await versionOf('LOGIN');
    await using production = await openEnvironment({ config: project.config, environment: 'production' });
    await production.secrets.rotate({ secrets: ['LOGIN'] });
    const now = await versionOf('LOGIN');
    const { exitCode, result } = await project.json('rotate', 'LOGIN', '--in-use', inUse ?? '', '--yes');
    expect({ exitCode, result }).toMatchObject({ exitCode: 3, result: { error: { code: 'SECRETS_IN_USE' } } });

    expect((await project.secrets('diff')).stdout).toMatch(/LOGIN +rotated there, is not written/);
    expect(await production.secrets.upload({})).toMatchObject({ changed: [] });
    expect(await versionOf('LOGIN')).toBe(now);
  });

  /** Moto does so without a Lambda. */
  it('has AWS rotate what the configuration says nothing of', slow, async () => {
    await project.upload({ KEY: 'first' });
    const { result } = await project.json('rotate', 'KEY', '--yes');
    expect(result).toMatchObject({
      planned: [{ name: 'KEY', by: 'aws', service: null }],
      rotated: [{ name: 'KEY', outcome: 'rotated', version: await versionOf('KEY') }],
    });
  });

  it('says what cannot be rotated, how far it got, and what to do', slow, async () => {
    const nowhere = await project.json('rotate', 'NOWHERE', '--yes');
    expect(nowhere).toMatchObject({ exitCode: 1, result: { error: { code: 'SECRETS_MISSING' } } });
    await mysql(`DROP USER '${jobs}_a'@'%'`);
    const partly = await project.secrets('rotate', '--yes');
    expect(partly.exitCode).toBe(1);
    expect(partly.stderr).toMatch(
      /SECRETS_LOGIN_MISSING: .* has no user .*_jobs_a.*; rotated before: LOGIN; left: JOBS_LOGIN/,
    );
    const { exitCode, stderr } = await project.secrets('rotate', 'LOGIN', '--in-use', 'v', '--service', 'api');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
  });

  it('asks nobody for a policy, which lets who changes passwords only be read', slow, async () => {
    const { stdout } = await project.secrets(
      'policy',
      '--for',
      'rotate',
      '--secret',
      'KEY',
      '--account',
      '1'.repeat(12),
    );
    const { Statement } = JSON.parse(stdout) as { Statement: { Sid: string; Resource: string[] }[] };
    const named = (sid: string) =>
      Statement.find(({ Sid }) => Sid === sid)?.Resource.map((arn) => arn.replace(/^.*\/(\w+)-\?+$/, '$1'));
    expect(named('Read')).toEqual(['ADMIN', 'JOBS_LOGIN', 'JOBS_URL', 'LOGIN']);
    expect(named('Write')).toEqual(['JOBS_LOGIN', 'LOGIN']);
    expect(named('RotateByLambda')).toEqual(['KEY']);
  });
});

async function asMysqlUser({ username, password }: Login, url: string): Promise<unknown> {
  const as = Object.assign(new URL(url), { username, password }).href;
  const [row] = await queryServer(as, "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS name");
  return row?.name;
}

/** https://www.rfc-editor.org/rfc/rfc5803 */
function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations = '', salt = '', storedKey = ''] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(verifier) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return createHash('sha256').update(clientKey).digest('base64') === storedKey;
}
