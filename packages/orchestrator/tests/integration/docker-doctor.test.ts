import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { type CheckFinding, examineEnvironment } from '../../src/index.ts';
import { type PassingAnswer, startAnsweringFront } from './answering-front.ts';
import { askEngine, dockerProject, type DockerProject, imageMs } from './docker-project.ts';
import { finding } from './faults.ts';
import { startFront } from './front.ts';

const timeout = 60_000;

/** A registry of one service that runs as a container; nothing of it is ever started. */
async function registryOf(
  environment: object,
  { folder: given, service = {} }: { readonly folder?: string; readonly service?: object } = {},
): Promise<{ readonly folder: string; readonly config: string }> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'maestro-docker-doctor-')));
  if (given === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'api'), { recursive: true });
  const image = { dockerfile: 'api/Dockerfile' };
  const services = { api: { context: 'api', image, route: { path: '/', host: 'shop.example.com' }, ...service } };
  const demo = {
    runtime: 'docker',
    proxy: { port: 0 },
    images: { engine: 'unix:///nowhere/docker.sock' },
    ...environment,
  };
  const config = join(folder, 'maestro.config.json');
  await writeFile(config, JSON.stringify({ project: 'shop', services, environments: { demo } }));
  return { folder, config };
}

async function examine(config: string): Promise<ReadonlyMap<string, CheckFinding>> {
  const { findings } = await examineEnvironment({ config, environment: 'demo' });
  return new Map(findings.map((one) => [one.check, one]));
}

describe('doctor, of containers without an engine', () => {
  it('finds that the engine is stopped, and says nothing of what hangs on it', { timeout }, async () => {
    const { config } = await registryOf({});
    const found = await examine(config);
    expect(found.get('engine')).toMatchObject({
      status: 'failed',
      code: 'BLUEGREEN_ENGINE_UNREACHABLE',
      message: expect.stringContaining('/nowhere/docker.sock') as string,
      fix: expect.stringMatching(/docker/) as string,
    });
    for (const check of ['engine-version', 'engine-clock', 'engine-disk']) {
      expect(found.get(check)).toMatchObject({ status: 'skipped', message: 'cannot be told: see engine' });
    }
    expect(found.get('health')).toMatchObject({ status: 'skipped' });
  });

  describe('certificates', () => {
    /** Made by openssl, for a host, from some days ago until in some days. */
    const certificate = (
      folder: string,
      name: string,
      { host, from, to }: { host: string; from: number; to: number },
    ) => {
      const at = (days: number) =>
        new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
      const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
      run(
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${host}`,
      );
      const ca = [
        '-selfsign',
        '-keyfile',
        `${name}.key`,
        '-batch',
        '-notext',
        '-md',
        'sha256',
        '-config',
        `${name}.cnf`,
      ];
      const text = [
        '[ca]\ndefault_ca=own\n[own]\nnew_certs_dir=.\nrand_serial=yes\npolicy=any\nx509_extensions=names',
        `database=./${name}.index\n[any]\ncommonName=supplied\n[names]\nsubjectAltName=DNS:${host}\n`,
      ];
      writeFileSync(join(folder, `${name}.cnf`), text.join('\n'));
      writeFileSync(join(folder, `${name}.index`), '');
      run('ca', ...ca, '-in', `${name}.csr`, '-out', `${name}.pem`, '-startdate', at(from), '-enddate', at(to));
    };
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'maestro-doctor-tls-'));
      certificate(folder, 'good', { host: 'shop.example.com', from: -1, to: 90 });
      certificate(folder, 'soon', { host: '*.example.com', from: -1, to: 20 });
      certificate(folder, 'late', { host: 'shop.example.com', from: -1, to: 3 });
      certificate(folder, 'past', { host: 'shop.example.com', from: -9, to: -2 });
      certificate(folder, 'other', { host: 'other.example.com', from: -1, to: 90 });
      await writeFile(join(folder, 'broken.pem'), 'no certificate');
    }, timeout);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const cases = [
      { name: 'good', check: 'certificate-expiry', status: 'ok', message: /^the first expires in 90 d$/ },
      {
        name: 'soon',
        check: 'certificate-expiry',
        status: 'warning',
        message: /expires in 20 d$/,
        fix: /openssl x509/,
      },
      { name: 'late', check: 'certificate-expiry', status: 'failed', message: /expires in 3 d$/, fix: /openssl x509/ },
      {
        name: 'past',
        check: 'certificate-expiry',
        status: 'failed',
        message: /past\.pem expired 48 h|expired 2 d ago$/,
      },
      { name: 'soon', check: 'certificate-names', status: 'ok', message: /^\*\.example\.com$/ },
      {
        name: 'other',
        check: 'certificate-names',
        status: 'failed',
        message: /no certificate names shop\.example\.com/,
      },
      { name: 'good', key: 'other', check: 'certificate-keys', status: 'failed', message: /other\.key is not that of/ },
      {
        name: 'broken',
        check: 'certificates',
        status: 'failed',
        message: /broken\.pem: it is not in PEM/,
        fix: /^ls -l/,
      },
      { name: 'absent', check: 'certificates', status: 'failed', message: /absent\.pem: ENOENT/, fix: /^ls -l/ },
      {
        name: 'good',
        hosts: ['else.example.com'],
        check: 'certificate-names',
        status: 'failed',
        message: /else\.example/,
      },
    ];
    it.each(cases)('are judged: $name of $check is $status', { timeout }, async (one) => {
      const { name, key = name, hosts = [], check, status, message, fix = /./ } = one;
      const tls = { port: 8443, certificates: [{ hosts, certificate: `${name}.pem`, key: `${key}.key` }] };
      const { config } = await registryOf({ proxy: { port: 0, tls } }, { folder });
      const found = (await examine(config)).get(check);
      expect(found).toMatchObject({ status, message: expect.stringMatching(message) as string });
      expect(found?.fix ?? 'none').toMatch(status === 'ok' ? /^none$/ : fix);
    });

    it('are found unreadable where they are to be trusted', { timeout }, async () => {
      const images = { engine: 'unix:///nowhere/docker.sock', repository: 'https://localhost:1', ca: 'broken.pem' };
      const { config } = await registryOf({ images }, { folder });
      const found = (await examine(config)).get('trusted-certificates');
      expect(found).toMatchObject({ status: 'failed', message: expect.stringContaining('broken.pem') as string });
    });
  });
});

describeWith('doctor, of containers', ['docker'], (parts) => {
  const changed = async (change: (answer: PassingAnswer) => void) => {
    const front = await startAnsweringFront(parts().docker.engine, change);
    onTestFinished(() => front[Symbol.asyncDispose]());
    const { config } = await registryOf({ images: { engine: `tcp://127.0.0.1:${front.port}` } });
    return await examine(config);
  };
  const saying = (path: string, facts: object) => (answer: PassingAnswer) => {
    if (!answer.path.endsWith(path)) return;
    answer.body = Buffer.from(JSON.stringify({ ...(JSON.parse(answer.body.toString()) as object), ...facts }));
  };

  it('asks an engine and changes nothing there', { timeout }, async () => {
    const { docker } = parts();
    const networks = async () => ((await askEngine(docker, '/networks')) as { Name: string }[]).map(({ Name }) => Name);
    const front = await startAnsweringFront(docker.engine, () => undefined);
    onTestFinished(() => front[Symbol.asyncDispose]());
    const { config } = await registryOf({ images: { engine: `tcp://127.0.0.1:${front.port}` } });
    const found = await examine(config);
    expect(['engine', 'engine-version', 'engine-clock'].map((check) => found.get(check)?.status)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(found.get('health')).toMatchObject({ status: 'skipped', message: 'nothing runs' });
    expect(front.asked.every((asked) => asked.startsWith('GET '))).toBe(true);
    expect((await networks()).some((name) => name.includes('shop-demo'))).toBe(false);
  });

  it.each([
    {
      fault: 'a clock that is wrong',
      change: (answer: PassingAnswer) => (answer.headers.date = new Date(Date.now() + 90_000).toUTCString()),
      check: 'engine-clock',
      status: 'warning',
      message: /engine's clock is \d+ s ahead of/,
      fix: /timedatectl/,
    },
    {
      fault: 'an engine that is too old',
      change: saying('/version', { Version: '18.09.1', ApiVersion: '1.39' }),
      check: 'engine-version',
      status: 'failed',
      message: /^Docker Engine 18\.09\.1 with the interface 1\.39 is too old/,
      fix: /apt-get install/,
    },
    {
      fault: 'a poor storage driver',
      change: saying('/info', { Driver: 'vfs' }),
      check: 'engine-storage',
      status: 'warning',
      message: /vfs/,
      fix: /docker info/,
    },
    {
      fault: 'what the engine warns of',
      change: saying('/info', { Warnings: ['WARNING: No swap limit support'] }),
      check: 'engine-warnings',
      status: 'warning',
      message: /^No swap limit support$/,
      fix: /^docker info$/,
    },
  ])('finds $fault', { timeout }, async ({ change, check, status, message, fix }) => {
    const found = (await changed(change)).get(check);
    expect(found).toMatchObject({
      status,
      message: expect.stringMatching(message) as string,
      fix: expect.stringMatching(fix) as string,
    });
  });

  describe('behind nginx', () => {
    let project: DockerProject;
    beforeAll(async () => {
      project = await dockerProject('doctor', { docker: parts().docker });
      await project.environment.deploy();
    }, imageMs);
    afterAll(async () => {
      await project[Symbol.asyncDispose]();
    }, timeout);
    const nginx = (file: string) => join(project.folder, '.maestro/demo/nginx', file);

    it('finds no failure where all is well', { timeout }, async () => {
      const found = await examine(project.config);
      expect([...found.values()].filter(({ status }) => status === 'failed')).toEqual([]);
      const well = [
        'proxy',
        'proxy-configuration',
        'proxy-running',
        'generation',
        'proxy-leftovers',
        'health',
        'rollback-images',
      ];
      expect(well.map((check) => [check, found.get(check)?.status])).toEqual(well.map((check) => [check, 'ok']));
    });

    it('finds uncommitted changes, which are refused', { timeout }, async () => {
      await project.write({ 'services/web/draft': 'a' });
      onTestFinished(() => rm(join(project.folder, 'services/web/draft')));
      expect(await finding({ config: project.config, check: 'working-tree' })).toMatchObject({ status: 'failed' });
    });

    it('finds what was left behind, and a configuration that nginx would refuse', { timeout }, async () => {
      await writeFile(nginx('nginx.conf.next'), '');
      const before = await readFile(nginx('nginx.conf'), 'utf8');
      await appendFile(nginx('nginx.conf'), 'nonsense;\n');
      try {
        const found = await examine(project.config);
        expect(found.get('proxy-leftovers')).toMatchObject({
          status: 'warning',
          fix: `rm ${nginx('nginx.conf.next')}`,
        });
        expect(found.get('proxy-configuration')).toMatchObject({
          status: 'failed',
          message: expect.stringContaining('nonsense') as string,
          fix: 'maestro deploy',
        });
      } finally {
        await writeFile(nginx('nginx.conf'), before);
        await rm(nginx('nginx.conf.next'));
      }
    });

    it('finds an nginx that was killed', { timeout }, async () => {
      process.kill(Number(await readFile(nginx('nginx.pid'), 'utf8')), 'SIGQUIT');
      await expect
        .poll(() => finding({ config: project.config, check: 'proxy-running' }), { timeout: 20_000 })
        .toMatchObject({ status: 'failed', message: 'the proxy does not run: nobody reaches what is live' });
    });
  });
});

describeWith('doctor, of an image repository', ['image-repository'], (parts) => {
  const images = (repository: string) => ({ images: { engine: 'unix:///nowhere/docker.sock', repository } });
  const changed = async (change: (answer: PassingAnswer) => void) => {
    const { hostname: host, port } = new URL(parts()['image-repository'].address);
    const front = await startAnsweringFront({ host, port: Number(port) }, change);
    onTestFinished(() => front[Symbol.asyncDispose]());
    const { prefix } = parts()['image-repository'];
    const { config } = await registryOf(images(`http://127.0.0.1:${front.port}/${prefix}doctor`));
    return { found: await examine(config), asked: front.asked };
  };

  it('begins an upload, and takes it back', { timeout }, async () => {
    const { found, asked } = await changed(() => undefined);
    const names = [
      'image-repository',
      'image-repository-login',
      'image-repository-pull',
      'image-repository-push',
      'clock',
    ];
    expect(names.map((check) => found.get(check)?.status)).toEqual(names.map(() => 'ok'));
    expect(asked.map((one) => one.split(' ')[0])).toEqual(['GET', 'POST', 'DELETE']);
  });

  it('finds that nothing may be pushed', { timeout }, async () => {
    const { found } = await changed((answer) => {
      if (answer.method === 'POST') answer.status = 403;
    });
    expect(found.get('image-repository-pull')).toMatchObject({ status: 'ok' });
    expect(found.get('image-repository-push')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/cannot push/) as string,
      fix: expect.stringMatching(/docker login/) as string,
    });
  });

  it.each([
    { offsetMs: 90_000, status: 'warning', message: /^\d+ s behind that of the image repository$/ },
    { offsetMs: -3_600_000, status: 'failed', message: /^60 min ahead of that of the image repository: .* refused$/ },
  ])('finds by its clock that ours is wrong: $offsetMs', { timeout }, async ({ offsetMs, status, message }) => {
    const { found } = await changed((answer) => {
      answer.headers.date = new Date(Date.now() + offsetMs).toUTCString();
    });
    expect(found.get('clock')).toMatchObject({
      status,
      message: expect.stringMatching(message) as string,
      fix: 'timedatectl set-ntp true',
    });
  });

  it('finds that it is out of reach', { timeout }, async () => {
    const front = await startFront(new URL(parts()['image-repository'].address));
    onTestFinished(() => front.close());
    front.cut();
    const { config } = await registryOf(images(`${front.url}/doctor`));
    const found = await examine(config);
    expect(found.get('image-repository')).toMatchObject({
      status: 'failed',
      fix: expect.stringMatching(/^try it from this machine: curl/) as string,
    });
    expect(found.get('image-repository-push')).toMatchObject({
      status: 'skipped',
      message: 'cannot be told: see image-repository',
    });
  });
});

describeWith('doctor, of an image repository with a login', ['secured-image-repository'], (parts) => {
  const withLogin = async (password: string) => {
    const { address, prefix, username, ca } = parts()['secured-image-repository'];
    const folder = await mkdtemp(join(tmpdir(), 'maestro-docker-config-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [new URL(address).host]: { auth } } }));
    vi.stubEnv('DOCKER_CONFIG', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const repository = `${address.replace(/\/$/, '')}/${prefix}doctor`;
    const registry = await registryOf({ images: { engine: 'unix:///nowhere/docker.sock', repository } });
    if (ca !== undefined) await writeFile(join(registry.folder, 'ca.pem'), await readFile(ca));
    const images = { engine: 'unix:///nowhere/docker.sock', repository, ...(ca === undefined ? {} : { ca: 'ca.pem' }) };
    const { config } = await registryOf({ images }, registry);
    return await examine(config);
  };

  it('finds a wrong password, and does not show it', { timeout }, async () => {
    const found = await withLogin('wrong-canary');
    expect(found.get('image-repository')).toMatchObject({ status: 'ok' });
    expect(found.get('image-repository-login')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/refuses the login/) as string,
      fix: expect.stringMatching(/^docker login/) as string,
    });
    expect(found.get('image-repository-push')).toMatchObject({ status: 'skipped' });
    expect(JSON.stringify([...found.values()])).not.toContain('wrong-canary');
  });

  it('finds the right one right', { timeout }, async () => {
    const found = await withLogin(parts()['secured-image-repository'].password);
    expect(found.get('image-repository-login')).toMatchObject({ status: 'ok' });
    expect(found.get('image-repository-push')).toMatchObject({ status: 'ok' });
  });
});

describeWith('doctor, of secrets in AWS', ['aws'], (parts) => {
  beforeEach(() => {
    const { credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const registry = async () => {
    const { endpoint, region } = parts().aws;
    const secrets = { source: 'aws', regions: [region], endpoint };
    return await registryOf({ secrets }, { service: { secrets: ['TOKEN'] } });
  };

  it('tells who asks, and which secrets are missing', { timeout }, async () => {
    const { config } = await registry();
    const found = await examine(config);
    expect(found.get('aws-identity')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^arn:aws:\S+ of the account \d{12}$/) as string,
    });
    expect(found.get('clock')).toMatchObject({ status: 'ok', message: 'as that of AWS' });
    expect(found.get('secrets')).toMatchObject({ status: 'ok' });
    expect(found.get('secrets-present')).toMatchObject({
      status: 'failed',
      message: 'missing: TOKEN',
      fix: 'maestro secrets upload',
    });
  });

  it('finds that nobody is logged in', { timeout }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-no-aws-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { config } = await registry();
    expect(await finding({ config, check: 'aws-identity' })).toMatchObject({
      status: 'failed',
      code: 'SECRETS_CREDENTIALS',
      fix: expect.stringMatching(/aws sso login/) as string,
    });
  });
});

describeWith('doctor, of databases on servers', ['mariadb', 'postgresql'], (parts) => {
  it('tells their versions, and which password is wrong without showing it', { timeout }, async () => {
    const { folder } = await registryOf({});
    const service = (adapter: string, urlSecret: string) => {
      return { context: 'api', command: ['node'], database: { adapter, urlSecret } };
    };
    const services = { api: service('postgresql', 'API_URL'), web: service('mysql', 'WEB_URL') };
    const demo = { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: '.env' } };
    const config = join(folder, 'maestro.config.json');
    await writeFile(config, JSON.stringify({ project: 'shop', services, environments: { demo } }));
    await mkdir(join(folder, 'api/migrations'));
    const urls = (mariadb: string) => `API_URL='${parts().postgresql.url}'\nWEB_URL='${mariadb}'\n`;

    await writeFile(join(folder, '.env'), urls(parts().mariadb.url), { mode: 0o600 });
    const found = await examine(config);
    expect(found.get('databases')).toMatchObject({ status: 'ok', message: 'api, web' });
    expect(found.get('database-versions')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^postgresql \d+\.\d+, mariadb \d+\.\d+\.\d+$/) as string,
    });

    const wrong = Object.assign(new URL(parts().mariadb.url), { username: 'nobody', password: 'wrong-canary' });
    await writeFile(join(folder, '.env'), urls(wrong.href));
    const refused = await examine(config);
    expect(refused.get('databases')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^web: .*denied/i) as string,
    });
    expect(refused.get('database-versions')?.message).toMatch(/^postgresql \S+$/);
    expect(JSON.stringify([...refused.values()])).not.toContain('wrong-canary');
  });
});
