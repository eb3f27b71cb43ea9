import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { Redacted } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, expect, it } from 'vitest';

import { parsed, textOf } from '../../src/adapters/docker/engine-answers.ts';
import { openContainerSecrets, revealAsPlainEnvironment, type SecretsMount } from '../../src/docker.ts';
import { prepareSecrets } from '../../src/index.ts';
import { MemorySecretStore } from '../../src/testing.ts';
import { appImageMs, DockerApps, owner } from './docker-apps.ts';
import { filesHolding } from './files-holding.ts';

const scanMs = 3 * 60_000;

/** As it is, and in base64 wherever in an encoded text it stands. */
function spellingsOf(canary: string): readonly Buffer[] {
  const encoded = ['', 'x', 'xx'].map((before) => {
    const text = Buffer.from(before + canary).toString('base64');
    // What depends on the neighbours is cut off.
    return text.slice(before === '' ? 0 : 4, -4);
  });
  return [canary, ...encoded, Buffer.from(canary).toString('hex')].map((text) => Buffer.from(text));
}

describeWith('a canary', ['docker'], (parts) => {
  let apps: DockerApps;
  beforeAll(async () => {
    apps = new DockerApps(parts().docker);
    await apps.build();
  }, appImageMs);

  const get = async (path: string, query: Readonly<Record<string, string>> = {}) =>
    (await apps.client.ask({ method: 'GET', path, query })).body;
  /** Of the engine, in seconds. */
  const now = async () => Math.floor(Date.parse(textOf(parsed(await get('/info')), 'SystemTime')) / 1000);

  /** Everything an engine tells of these containers, and all files that it keeps on its disk. */
  async function places(since: number, containers: readonly string[], volumes: readonly string[]) {
    const told = await Promise.all([
      ...containers.flatMap((name) => [
        get(`/containers/${name}/json`, { size: 'true' }),
        get(`/containers/${name}/export`),
        get(`/containers/${name}/top`),
        get(`/containers/${name}/changes`),
      ]),
      ...volumes.map((name) => get(`/volumes/${name}`)),
      get('/events', { since: `${since}`, until: `${(await now()) + 1}` }),
      get('/containers/json', { all: 'true' }),
      get('/system/df'),
      get(`/images/${apps.image}/get`),
    ]);
    return [...told, ...(await commandLines())];
  }

  async function onDisk(since: number, needles: readonly Buffer[]): Promise<readonly string[]> {
    const root = textOf(parsed(await get('/info')), 'DockerRootDir');
    const folders = [root, join(dirname(root), 'exec'), '/run/docker', '/run/containerd'].filter(existsSync);
    // An engine on another machine, or in one of its own: what it keeps cannot be seen from here.
    expect(folders).toContain(root);
    return (await Promise.all(folders.map((folder) => filesHolding({ folder, needles, since })))).flat();
  }

  async function prepared(canary: string) {
    const store = new MemorySecretStore({ TOKEN: canary });
    return (await prepareSecrets({ store, services: [{ name: 'api', secrets: ['TOKEN'] }] })).forService('api');
  }

  const digestOf = `node -e 'console.log("digest " + require("crypto").hash("sha256", process.env.TOKEN))'`;
  const command = ['sh', '-c', `${digestOf}; exec sleep 1000`];

  it(
    'is found nowhere after a whole deployment, while it runs and after everything was removed',
    async () => {
      const canary = randomBytes(24).toString('hex');
      const needles = spellingsOf(canary);
      const journal: unknown[] = [];
      const logger = new RecordingLogger();
      const { address, suite } = parts().docker;
      const secrets = openContainerSecrets({
        engine: address,
        project: suite,
        environment: 'canary',
        onEvent: (event) => journal.push(event),
        logger,
      });
      const since = await now();
      const mount: SecretsMount = await secrets.inject({ service: 'api', owner, secrets: await prepared(canary) });
      const app = await apps.start({ name: 'canary', command, mount, restart: 'always' });
      await apps.untilPrinted(app, 'digest', 1);
      await apps.kill(app);
      await apps.untilPrinted(app, 'digest', 2);
      await secrets.inject({
        service: 'api',
        owner,
        secrets: { ...(await prepared(canary)), MORE: new Redacted('x') },
      });
      await secrets.verify({ service: 'api', secrets: await prepared(canary) });
      journal.push(await secrets.list(), mount, await apps.printed(app), logger.lines);

      const keeper = `${mount.volume}-keeper`;
      const told = await places(since, [app, keeper], [mount.volume]);
      const files = await onDisk(since, needles);
      recordFaults({
        promised: 'secrets stay secret',
        fault: 'a secret looked for in all that an engine tells, all command lines and all files it has written',
        times: 1,
        checked: { 'answers and command lines': told.length },
        wrong: { 'places that hold it': held(told, needles) + files.length },
      });
      expect(held(told, needles)).toBe(0);
      expect(files).toEqual([]);
      await apps.remove(app);
      await secrets.remove({ service: 'api' });
      expect(held(await places(since, [], []), needles)).toBe(0);
      expect(await onDisk(since, needles)).toEqual([]);
      expect(held([Buffer.from(JSON.stringify(journal))], needles)).toBe(0);
    },
    scanMs,
  );

  it(
    'is found by the same search in the plain environment',
    async () => {
      const canary = randomBytes(24).toString('hex');
      const needles = spellingsOf(canary);
      const since = await now();
      const environment = revealAsPlainEnvironment({
        service: 'api',
        secrets: await prepared(canary),
        accept: 'secrets-on-disk-and-in-docker-inspect',
      });
      const env = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      const app = await apps.start({ name: 'control', command, env });
      await apps.untilPrinted(app, 'digest', 1);
      expect(held(await places(since, [app], []), needles)).toBe(1);
      const files = await onDisk(since, needles);
      expect(files.some((file) => file.endsWith('config.v2.json'))).toBe(true);
      await apps.remove(app);
    },
    scanMs,
  );
});

it('is found by the search in arguments, in each spelling, and in files wherever it stands', async () => {
  const canary = randomBytes(24).toString('hex');
  const needles = spellingsOf(canary);
  for (const before of ['', 'y', 'yz', 'yza']) {
    expect(held([Buffer.from(Buffer.from(`${before}${canary} and more`).toString('base64'))], needles)).toBe(1);
  }
  const folder = await mkdtemp(join(tmpdir(), 'maestro-canary-'));
  const border = 1024 * 1024;
  const places = [0, 100, border - 20, border, 2 * border - 1, 3 * border - 48];
  for (const at of places)
    await writeFile(join(folder, `at-${at}`), Buffer.concat([Buffer.alloc(at), needles[0] ?? Buffer.alloc(0)]));
  await writeFile(join(folder, 'without'), Buffer.alloc(border));
  expect(await filesHolding({ folder, needles, since: Math.floor(Date.now() / 1000) })).toHaveLength(places.length);

  const child = spawn('sh', ['-c', 'read line', canary]);
  try {
    expect(held(await commandLines(), needles)).toBe(1);
  } finally {
    child.kill('SIGKILL');
  }
});

function held(found: readonly Buffer[], needles: readonly Buffer[]): number {
  return found.filter((bytes) => needles.some((needle) => bytes.includes(needle))).length;
}

/** Of every process of the machine. */
async function commandLines(): Promise<readonly Buffer[]> {
  const files = globSync('/proc/[0-9]*/cmdline');
  return Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))));
}
