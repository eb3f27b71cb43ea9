import { execFile, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { EngineContainers } from './engine-containers.ts';
import { type SecretsProject, secretsProject } from './secrets-project.ts';

const run = promisify(execFile);
const slow = { timeout: 5 * 60_000 };
const needle = crypto.randomUUID();
const canary = `c\u00e4nary ${needle} "$(x)" \\n\n${'#'.repeat(3)} \`ls\` \\!`;

describeWith('maestro secrets inject', ['aws', 'docker'], (parts) => {
  let project: SecretsProject;
  let containers: EngineContainers;

  beforeAll(async () => {
    const { credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    const image = { dockerfile: 'Dockerfile', user: '1000:1000' };
    const service = (secrets: readonly string[]) => ({ context: '.', image, secrets });
    containers = new EngineContainers(parts().docker);
    project = await secretsProject({
      aws: parts().aws,
      project: parts().docker.suite,
      services: { api: service(['TOKEN', 'URL']), web: service(['WEB_ONLY']), plain: service([]) },
      environment: { runtime: 'docker', images: { engine: parts().docker.address } },
    });
    await project.upload({ TOKEN: canary, URL: 'pg://{{maestro:PART}}@db', PART: canary, WEB_ONLY: 'web-1' });
    await rm(join(dirname(project.config), '.env.production'));
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  });

  const volumeOf = (service: string, slot: string) => `${project.project}.production.${service}.${slot}.secrets`;
  const show = `process.stdout.write('started ' + Buffer.from(process.env.TOKEN).toString('hex') + ' ' +
    require('fs').readFileSync('/run/secrets/URL', 'hex') + ' ' + (process.env.WEB_ONLY ?? 'none') + '\\n')`;
  const command = ['node', '-e', `${show}; setInterval(() => {}, 1e6)`];
  const shown = (token: string, url: string) =>
    `started ${Buffer.from(token).toString('hex')} ${Buffer.from(url).toString('hex')} none\n`;

  it('gives each container its own secrets byte for byte, and leaves them nowhere', slow, async () => {
    const since = Math.floor(Date.parse(String((await containers.json('/info')).SystemTime)) / 1000);
    const { exitCode, result, events } = await project.json('inject', '--slot', 'blue');
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: {
        ok: true,
        services: [
          {
            service: 'api',
            slot: 'blue',
            volume: volumeOf('api', 'blue'),
            target: '/run/secrets',
            secrets: [{ name: 'TOKEN' }, { name: 'URL' }, { name: 'PART' }],
            fileVariables: { TOKEN_FILE: '/run/secrets/TOKEN', URL_FILE: '/run/secrets/URL' },
          },
          { service: 'web', slot: 'blue', volume: volumeOf('web', 'blue') },
        ],
      },
    });
    expect(events.map(({ type }) => type)).toEqual([
      'secrets-fetching',
      'secrets-prepared',
      'secrets-injected',
      'secrets-injected',
    ]);
    const app = await containers.start({ name: 'api', command, volume: volumeOf('api', 'blue') });
    await containers.printed(app, shown(canary, `pg://${canary}@db`));

    const keeper = `${volumeOf('api', 'blue')}-keeper`;
    const told = await Promise.all([
      ...[app, keeper].flatMap((name) => [
        containers.ask('GET', `/containers/${name}/json`),
        containers.ask('GET', `/containers/${name}/export`),
      ]),
      containers.ask('GET', `/volumes/${volumeOf('api', 'blue')}`),
    ]);
    const commandLines = globSync('/proc/[0-9]*/cmdline').map(readOrNothing);
    expect([...told, ...commandLines].filter((bytes) => bytes.includes(needle))).toEqual([]);
    const folder = dirname(project.config);
    await writeFile(join(folder, 'control'), canary);
    expect(await changedFilesWith(needle, folder, since)).toEqual([join(folder, 'control')]);
    await rm(join(folder, 'control'));
    const root = String((await containers.json('/info')).DockerRootDir);
    for (const place of [root, folder].filter(existsSync)) {
      expect(await changedFilesWith(needle, place, since)).toEqual([]);
    }
    expect(project.printed.join('')).not.toContain(needle);
  });

  it('writes what has changed since, for the services that are named', slow, async () => {
    const unchanged = await project.json('inject', 'api', '--slot', 'blue');
    expect(unchanged.events.at(-1)).toMatchObject({ type: 'secrets-injected', service: 'api', changed: false });
    await project.upload({ WEB_ONLY: 'web-2' });
    await rm(join(dirname(project.config), '.env.production'));
    const { events } = await project.json('inject', '--slot', 'blue');
    expect(events.filter(({ type }) => type === 'secrets-injected')).toMatchObject([
      { service: 'api', changed: false },
      { service: 'web', changed: true },
    ]);
  });

  it('fills again what a reboot has emptied, by the command of the unit, while containers wait', slow, async () => {
    const { stdout: unit } = await project.secrets('inject', '--unit');
    const app = `${parts().docker.suite}-api`;
    const keepers = ['api', 'web'].map((service) => `${volumeOf(service, 'blue')}-keeper`);
    for (const container of [app, ...keepers]) await containers.ask('POST', `/containers/${container}/stop?t=0`);
    await containers.ask('POST', `/containers/${app}/start`);
    await containers.printed(app, 'waiting for the secrets');

    const [program = '', ...args] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    const { stdout } = await run(program, args);
    expect(stdout).toMatch(/^api +blue +\S+ +filled\nweb +blue +\S+ +filled\n$/);
    await containers.printed(app, shown(canary, `pg://${canary}@db`), 2);
    expect(await containers.json(`/containers/${app}/json`)).toMatchObject({ RestartCount: 0 });
    expect((await project.secrets('inject', '--emptied')).stdout).toBe('No volume is empty.\n');
    expect(unit).not.toContain(needle);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'prints a unit that systemd takes',
    slow,
    async () => {
      const folder = dirname(project.config);
      const { result } = await project.json('inject', '--unit');
      const { name, text } = result as { readonly name: string; readonly text: string };
      await writeFile(join(folder, name), `${text}\n`);
      await writeFile(join(folder, 'docker.service'), '[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n');
      const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` };
      await run('systemd-analyze', ['verify', '--man=no', join(folder, name)], { env });
    },
  );

  it('fills what it can, and says what keeps a volume empty', slow, async () => {
    for (const service of ['api', 'web']) {
      await containers.ask('DELETE', `/containers/${volumeOf(service, 'blue')}-keeper?force=true`);
    }
    await containers.ask('DELETE', `/containers/${parts().docker.suite}-api?force=true`);
    const config = JSON.parse(readFileSync(project.config, 'utf8')) as { services: Record<string, object> };
    const changed = { ...config.services, web: { ...config.services.web, secrets: ['NOWHERE'] } };
    await writeFile(project.config, JSON.stringify({ ...config, services: changed }));
    const { exitCode, result } = await project.json('inject', '--emptied');
    expect({ exitCode, result }).toMatchObject({ exitCode: 1, result: { error: { code: 'SECRETS_MISSING' } } });
    expect((result.error as { message: string }).message).toMatch(
      /^1 of 2 stay empty: \S+\.web\.blue\.secrets: .*NOWHERE/,
    );
    await writeFile(project.config, JSON.stringify({ ...config, services: { ...config.services, web: undefined } }));
    expect((await project.json('inject', '--emptied')).result).toMatchObject({
      filled: [],
      left: [{ service: 'web', slot: 'blue', reason: 'not-needed' }],
    });
  });

  it('says what is wrong with the configuration before anything is fetched', slow, async () => {
    const config = JSON.parse(readFileSync(project.config, 'utf8')) as {
      services: Record<string, { image?: object }>;
      environments: Record<string, object>;
    };
    const api = { ...config.services.api, image: { dockerfile: 'Dockerfile' } };
    await writeFile(project.config, JSON.stringify({ ...config, services: { ...config.services, api } }));
    const { exitCode, stderr } = await project.secrets('inject');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/ORCHESTRATOR_NO_CONTAINER_USER.*api.*\n.*services\.api\.image\.user/);
    const processes = { ...config.environments.production, runtime: 'embedded', images: undefined };
    const services = { api: { context: '.', command: ['node'], secrets: ['TOKEN'] } };
    await writeFile(project.config, JSON.stringify({ ...config, services, environments: { production: processes } }));
    expect(await project.json('inject')).toMatchObject({
      exitCode: 2,
      result: { error: { code: 'ORCHESTRATOR_NO_CONTAINERS' } },
    });
  });
});

/** On the folder's own disk: what is in memory is mounted there from elsewhere. */
async function changedFilesWith(text: string, folder: string, since: number): Promise<readonly string[]> {
  const conditions = ['-xdev', '-type', 'f', '-newerct', `@${since - 10}`];
  const grep = ['-exec', 'grep', '--files-with-matches', '--binary-files=text', '--fixed-strings', text, '{}', '+'];
  // Files go while it looks, and where nothing is found it ends with 1.
  const { stdout } = await run('find', [folder, ...conditions, ...grep]).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout.split('\n').filter((path) => path !== '');
}

function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
