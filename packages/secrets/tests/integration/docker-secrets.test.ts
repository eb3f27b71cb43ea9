import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, expect, it } from 'vitest';

import { objectOf } from '../../src/adapters/docker/engine-answers.ts';
import { type ContainerSecretsEvent, openContainerSecrets } from '../../src/docker.ts';
import { appImageMs, DockerApps, owner } from './docker-apps.ts';

const redacted = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Redacted(value)]));

const one = redacted({ TOKEN: "it's\n$(one)", URL: 'https://one' });
const other = redacted({ TOKEN: 'two', EXTRA: 'more' });

describeWith('secrets in the memory of a Docker Engine', ['docker'], (parts) => {
  let apps: DockerApps;
  beforeAll(async () => {
    apps = new DockerApps(parts().docker);
    await apps.build();
  }, appImageMs);

  const open = (environment: string) => {
    const events: ContainerSecretsEvent[] = [];
    const { address, suite } = parts().docker;
    const onEvent = (event: ContainerSecretsEvent) => events.push(event);
    const secrets = openContainerSecrets({ engine: address, project: suite, environment, onEvent });
    return { secrets, events };
  };

  it('are there at the first instruction, as files and by the entry point as variables', async () => {
    const { secrets } = open('first');
    const mount = await secrets.inject({ service: 'api', slot: 'blue', owner, secrets: one });
    const script =
      'exec 2>&1; id -u; ls /run/secrets; echo "[$TOKEN]"; cat "$URL_FILE"; echo; stat -c "%a %u" /run/secrets /run/secrets/TOKEN; ' +
      'stat -L -c "%a %u" /run/secrets/TOKEN; touch /run/secrets/x';
    const env = Object.entries(mount.fileVariables).map(([name, path]) => `${name}=${path}`);
    const { code, printed } = await apps.run({ name: 'first', command: ['sh', '-c', script], mount, env });
    expect(printed).toContain("1000\nTOKEN\nURL\nenv\nv1\n[it's\n$(one)]\nhttps://one\n750 1000\n777 1000\n440 1000\n");
    expect(printed).toContain('Read-only file system');
    expect(code).toBe(1);
  });

  it('keep other users of the container out', async () => {
    const { secrets } = open('others');
    const mount = await secrets.inject({ service: 'api', owner: { uid: 4711, gid: 4711 }, secrets: one });
    const env = ['MAESTRO_SECRETS_WAIT_SECONDS=1'];
    const { code, printed } = await apps.run({ name: 'others', command: ['cat', '/run/secrets/TOKEN'], mount, env });
    expect(code).toBe(78);
    expect(printed).toMatch(/not for this user; waiting.*there are still no secrets, nothing is started\n$/s);
    expect(printed).not.toContain('$(one)');
  });

  it('are written only where they differ, and named where they do', async () => {
    const { secrets, events } = open('same');
    const place = { service: 'api', slot: 'green' };
    expect(await secrets.verify({ ...place, secrets: one })).toEqual({ state: 'absent', names: ['TOKEN', 'URL'] });
    await secrets.inject({ ...place, owner, secrets: one });
    await secrets.inject({ ...place, owner, secrets: one });
    expect(await secrets.verify({ ...place, secrets: one })).toEqual({ state: 'current' });
    await secrets.inject({ ...place, owner, secrets: other });
    expect(events).toMatchObject([{ changed: true }, { changed: false }, { changed: true }]);
    expect(await secrets.verify({ ...place, secrets: one })).toEqual({
      state: 'different',
      names: ['EXTRA', 'TOKEN', 'URL'],
    });
    expect(JSON.stringify(events)).not.toContain('two');
  });

  it('stay in every kind of restart of the service, and while nothing but the keeper runs', async () => {
    const { secrets } = open('restarts');
    const mount = await secrets.inject({ service: 'api', owner, secrets: one });
    const command = ['sh', '-c', 'echo "started with $URL"; exec sleep 1000'];
    const app = await apps.start({ name: 'restarts', command, mount, restart: 'always' });
    await apps.untilPrinted(app, 'started with https://one', 1);
    await apps.post(app, 'restart');
    await apps.untilPrinted(app, 'started with https://one', 2);
    await apps.kill(app);
    await apps.untilPrinted(app, 'started with https://one', 3);
    await apps.post(app, 'stop');
    expect(await secrets.list()).toMatchObject([{ state: 'filled' }]);
    await apps.post(app, 'start');
    await apps.untilPrinted(app, 'started with https://one', 4);
  });

  it('stay when the keeper is killed while the service runs', async () => {
    const { secrets, events } = open('killed');
    const mount = await secrets.inject({ service: 'api', owner, secrets: one });
    await apps.start({ name: 'killed', command: ['sleep', '1000'], mount });
    const keeper = `${mount.volume}-keeper`;
    const before = objectOf((await apps.inspect(keeper)).State);
    await apps.kill(keeper);
    await apps.untilStatus(
      keeper,
      ({ Running, Restarting, Pid }) => Running === true && Restarting === false && Pid !== before.Pid,
    );
    expect(await secrets.verify({ service: 'api', secrets: one })).toEqual({ state: 'current' });
    // The keeper that came back switches as the first one did.
    await secrets.inject({ service: 'api', owner, secrets: other });
    expect(events.at(-1)).toMatchObject({ changed: true });
    expect(await secrets.verify({ service: 'api', secrets: other })).toEqual({ state: 'current' });
  });

  it('are gone after what a reboot does; the service waits without them until they are there again', async () => {
    const { secrets } = open('reboot');
    const mount = await secrets.inject({ service: 'api', slot: 'blue', owner, secrets: one });
    const command = ['sh', '-c', 'echo "started with $URL"; exec sleep 1000'];
    const app = await apps.start({ name: 'reboot', command, mount, restart: 'always' });
    const keeper = `${mount.volume}-keeper`;
    await apps.post(app, 'stop');
    await apps.post(keeper, 'stop');
    expect(await secrets.list()).toMatchObject([{ service: 'api', slot: 'blue', owner, state: 'keeper-stopped' }]);
    await apps.post(app, 'start');
    await apps.untilPrinted(app, 'maestro secrets inject');
    await apps.post(keeper, 'start');
    expect(await secrets.verify({ service: 'api', slot: 'blue', secrets: one })).toMatchObject({ state: 'empty' });

    const asked: unknown[] = [];
    const filled = await secrets.reinject({
      secretsFor: (place) => {
        asked.push(place);
        return Promise.resolve(one);
      },
    });
    expect(asked).toEqual([{ service: 'api', slot: 'blue' }]);
    expect(filled).toHaveLength(1);
    await apps.untilPrinted(app, 'started with https://one', 2);
    expect(await apps.inspect(app)).toMatchObject({ RestartCount: 0 });
    expect(await secrets.reinject({ secretsFor: () => Promise.reject(new Error('nothing is to be filled')) })).toEqual(
      [],
    );
  });

  it('are waited for by something that can still be stopped', async () => {
    const { secrets } = open('stopped');
    const mount = await secrets.inject({ service: 'api', owner, secrets: one });
    await apps.post(`${mount.volume}-keeper`, 'stop');
    const app = await apps.start({ name: 'stopped', command: ['true'], mount });
    await apps.untilPrinted(app, 'waiting for the secrets');
    await apps.client.ask({ method: 'POST', path: `/containers/${app}/kill`, query: { signal: 'TERM' } });
    await apps.untilStatus(app, ({ Status, ExitCode }) => Status === 'exited' && ExitCode === 143);
  });

  it('are replaced while they are read, and never missing', { timeout: 180_000 }, async () => {
    const { secrets } = open('rotation');
    const values = (version: number) => redacted({ A: `version ${version}`, B: `version ${version}` });
    const mount = await secrets.inject({ service: 'api', owner, secrets: values(0) });
    const read = `
      const { readFileSync: read } = require('node:fs');
      console.log('reading');
      let reads = 0;
      const seen = new Set();
      const text = (file) => read('/run/secrets/' + file, 'utf8');
      for (const end = Date.now() + 120_000; Date.now() < end && !seen.has('version 8'); reads += 1) {
        seen.add(text('A'));
        const env = text('env').match(/version \\d/g);
        if (env[0] !== env[1]) throw new Error('torn: ' + env);
      }
      const isLast = seen.has('version 8') && seen.size > 1 && reads > 1000;
      console.log('none missing in more than a thousand reads up to the last version: ' + isLast);
    `;
    const reader = await apps.start({ name: 'reader', command: ['node', '-e', read], mount });
    await apps.untilPrinted(reader, 'reading');
    for (let version = 1; version <= 8; version += 1)
      await secrets.inject({ service: 'api', owner, secrets: values(version) });
    await apps.untilPrinted(reader, 'none missing in more than a thousand reads up to the last version: true');
  });

  it('are kept by something that can do as little as possible', async () => {
    const { secrets } = open('confined');
    const { volume } = await secrets.inject({ service: 'api', owner, secrets: one });
    const { Config, HostConfig, Image } = await apps.inspect(`${volume}-keeper`);
    expect(Config).toMatchObject({ User: '1000:1000', Cmd: ['/keeper'] });
    expect(HostConfig).toMatchObject({
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'always' },
    });
    const { body } = await apps.client.ask({ method: 'GET', path: `/images/${String(Image)}/json` });
    expect((JSON.parse(body.toString()) as { Size: number }).Size).toBeLessThan(1024);
  });

  it('are not taken from a container that has them, nor given to another user under its feet', async () => {
    const { secrets, events } = open('in-use');
    const mount = await secrets.inject({ service: 'api', owner, secrets: one });
    const app = await apps.start({ name: 'in-use', command: ['sleep', '1000'], mount });
    const inUse = {
      code: 'SECRETS_VOLUME_IN_USE',
      hint: expect.stringContaining(app) as string,
    };
    await expect(secrets.remove({ service: 'api' })).rejects.toMatchObject(inUse);
    const changed = { uid: 1001, gid: 1001 };
    await expect(secrets.inject({ service: 'api', owner: changed, secrets: one })).rejects.toMatchObject(inUse);
    expect(await secrets.verify({ service: 'api', secrets: one })).toEqual({ state: 'current' });
    await apps.remove(app);
    await secrets.inject({ service: 'api', owner: changed, secrets: one });
    expect(await secrets.list()).toMatchObject([{ owner: changed, state: 'filled' }]);

    await secrets.remove({ service: 'api' });
    await secrets.remove({ service: 'api' });
    expect(events.filter(({ type }) => type === 'secrets-removed')).toHaveLength(1);
    expect(await secrets.list()).toEqual([]);
    expect(await apps.client.find({ method: 'GET', path: `/containers/${mount.volume}-keeper/json` })).toBeUndefined();
  });

  it('leave what is of others alone', async () => {
    const { secrets } = open('mine');
    const { suite } = parts().docker;
    const json = { Name: `${suite}.mine.api.secrets` };
    await apps.client.ask({ method: 'POST', path: '/volumes/create', body: { json } });
    const conflict = { code: 'SECRETS_CONFLICT' };
    await expect(secrets.inject({ service: 'api', owner, secrets: one })).rejects.toMatchObject(conflict);
    await expect(secrets.remove({ service: 'api' })).rejects.toMatchObject(conflict);
    expect(await apps.client.find({ method: 'GET', path: `/volumes/${json.Name}` })).toBeDefined();
    await open('theirs').secrets.inject({ service: 'api', owner, secrets: one });
    expect(await secrets.list()).toEqual([]);
  });
});
