import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { connect } from '../src/parts/docker/connection.ts';
import { docker, type DockerSuite } from '../src/parts/docker.ts';
import { ensurePrograms } from '../src/programs.ts';
import { stateFolder } from '../src/state-folder.ts';
import { isLeftover, newRunId, newSuiteName } from '../src/suite-name.ts';
import { importSleep } from './docker-images.ts';
import { isolatedHost } from './isolated-host.ts';
import { silent } from './own-state.ts';

const timeout = 120_000;

describe.skipIf(process.getuid?.() !== 0)('Docker Engine, which only root starts', { timeout }, () => {
  beforeAll(async () => {
    const state = stateFolder();
    await ensurePrograms(docker, { state, say: silent });
  }, 600_000);

  describe('its server', () => {
    it('answers with its version, to a second user too', async () => {
      const host = await ownHost();
      const { address, version, processes } = await host.use();
      expect(version).toMatch(/^\d+\.\d+/);
      expect(await docker.server.ask(address, AbortSignal.timeout(5_000))).toBe(version);
      expect((await host.use()).processes).toEqual(processes);
    });

    it('says what to do where it is started without rights', async () => {
      const host = await ownHost();
      expect(await host.useWithoutRights()).toMatch(/root.*MAESTRO_TEST_DOCKER/);
    });

    it('leaves nothing on the machine when it is left, whatever runs in it', async () => {
      const host = await ownHost();
      const before = await host.observe();
      const { address } = await host.use();
      const { cgroup, isAlive } = await occupy(address);
      const running = await host.observe();
      expect(running.links).toContain('docker0');
      expect(running.rules).toContain('-P FORWARD DROP');
      expect(running.listening).not.toEqual([]);
      await host.leave();
      expect(await host.observe()).toEqual(before);
      expect(await isAlive()).toBe(false);
      expect(cgroupsNamed(cgroup)).toEqual([]);
    });

    it('leaves nothing on the machine when it was killed with its helpers before it is left', async () => {
      const host = await ownHost();
      const before = await host.observe();
      const { address } = await host.use();
      const { cgroup, isAlive } = await occupy(address);
      for (const pid of (await host.observe()).processes) process.kill(pid, 'SIGKILL');
      expect(await isAlive()).toBe(true);
      await host.leave();
      expect(await host.observe()).toEqual(before);
      expect(await isAlive()).toBe(false);
      expect(cgroupsNamed(cgroup)).toEqual([]);
    });

    it('is started anew when it was killed, without what the killed one had', async () => {
      const host = await ownHost();
      const first = await host.use();
      const { isAlive } = await occupy(first.address);
      for (const { pid } of first.processes) process.kill(pid, 'SIGKILL');
      const second = await host.use();
      expect(second.processes).not.toEqual(first.processes);
      expect(await isAlive()).toBe(false);
      const { Containers, Images } = (await connect(second.address).info()) as Record<string, unknown>;
      expect({ Containers, Images }).toEqual({ Containers: 0, Images: 0 });
      // It works: a network and a container can be had of it.
      await occupy(second.address);
    });

    it('is not started beside another engine, whose packet rules it would flush', async () => {
      const host = await ownHost();
      const pid = await host.startForeign();
      const before = await host.observe();
      await expect(host.use()).rejects.toThrow(new RegExp(`${pid}.*MAESTRO_TEST_DOCKER`));
      expect(await host.observe()).toEqual(before);
    });

    it('keeps what an engine left on the machine that ran before it', async () => {
      const host = await ownHost();
      process.kill(await host.startForeign(), 'SIGKILL');
      const { links, rules, ipForward } = await host.observe();
      expect(links).toContain('docker0');
      await occupy((await host.use()).address);
      expect((await host.observe()).rules).not.toEqual(rules);
      await host.leave();
      expect(await host.observe()).toMatchObject({ links, rules, ipForward });
    });

    it('leaves alone an engine that was started after it', async () => {
      const host = await ownHost();
      const { address } = await host.use();
      await host.startForeign();
      const { links, rules, ipForward } = await host.observe();
      await occupy(address);
      await host.leave();
      expect(await host.observe()).toMatchObject({ links, rules, ipForward });
    });
  });

  describe('its suites', () => {
    let engine: Docker;
    let address: string;
    const cleanup = new AsyncDisposableStack();

    beforeAll(async () => {
      ({ address } = await cleanup.use(await isolatedHost()).use());
      engine = connect(address);
      await importSleep(engine, { repository: 'elsewhere' });
    }, timeout);
    afterAll(() => cleanup.disposeAsync(), timeout);

    function openSuite(run = newRunId()): Promise<DockerSuite> {
      return docker.openSuite({ address, suite: newSuiteName(run) });
    }

    it('have networks apart from one another', async () => {
      await using one = await openSuite();
      await using other = await openSuite();
      expect(one.network.name).not.toBe(other.network.name);
      expect(one.network.subnet).toMatch(/^10\.213\.\d+\.0\/24$/);
      expect(one.network.subnet).not.toBe(other.network.subnet);
      expect(one.engine).toEqual({ socketPath: one.address.replace('unix://', '') });
    });

    it('remove at their end what carries their label, their project or their name, and nothing else', async () => {
      const before = await everything(engine);
      await using other = await openSuite();
      await fill(engine, other);
      const withOther = await everything(engine);
      const suite = await openSuite();
      await fill(engine, suite);
      expect((await everything(engine)).length - withOther.length).toBe(12);
      await suite[Symbol.asyncDispose]();
      expect(await everything(engine)).toEqual(withOther);
      await other[Symbol.asyncDispose]();
      expect(await everything(engine)).toEqual(before);
    });

    it('may end twice', async () => {
      const suite = await openSuite();
      await suite[Symbol.asyncDispose]();
      await suite[Symbol.asyncDispose]();
      expect((await everything(engine)).filter((name) => name.includes(suite.suite))).toEqual([]);
    });

    it('are removed when their run was killed, and only then', async () => {
      const before = await everything(engine);
      const [deadRun, liveRun] = [newRunId(), newRunId()];
      await using live = await openSuite(liveRun);
      await fill(engine, live);
      const withLive = await everything(engine);
      await fill(engine, await openSuite(deadRun));
      await docker.removeSuites({ address, isLeftover: (name) => isLeftover(name, new Set([liveRun])) });
      expect(await everything(engine)).toEqual(withLive);
      await live[Symbol.asyncDispose]();
      expect(await everything(engine)).toEqual(before);
    });
  });
});

async function ownHost() {
  const host = await isolatedHost();
  onTestFinished(() => host[Symbol.asyncDispose](), timeout);
  return host;
}

/** Runs containers that make an engine change its machine in every way: a network, a published port, a volume. */
async function occupy(address: string) {
  const engine = connect(address);
  await importSleep(engine, { repository: 'occupant' });
  await engine.createNetwork({ Name: 'occupied' });
  const HostConfig = {
    NetworkMode: 'occupied',
    RestartPolicy: { Name: 'always' },
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    Binds: ['occupied:/data'],
  };
  const body = { Image: 'occupant:1', ExposedPorts: { '80/tcp': {} }, HostConfig };
  const container = await start(engine, 'occupant', body);
  // One more on the default bridge.
  await start(engine, 'bystander', { Image: 'occupant:1' });
  const { Pid } = (await container.inspect()).State;
  const group = /^\S*pids\S*:\/(?<name>[^/]+)\/|^0::\/(?<unified>[^/]+)\//m.exec(
    await readFile(`/proc/${Pid}/cgroup`, 'utf8'),
  )?.groups;
  return { cgroup: group?.name ?? group?.unified ?? '', isAlive: () => isSleeping(Pid) };
}

/** Its number may be another process's by now. */
async function isSleeping(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.startsWith('/bin/sleep');
}

function cgroupsNamed(name: string): readonly string[] {
  expect(name).not.toBe('');
  return globSync([`/sys/fs/cgroup/${name}`, `/sys/fs/cgroup/*/${name}`]);
}

/** Twelve things besides the suite's network, marked in each of the ways. */
async function fill(engine: Docker, { suite, labels, network }: DockerSuite): Promise<void> {
  const project = { 'maestro.project': `${suite}-shop` };
  const Image = 'elsewhere:1';
  await start(engine, `labelled-${suite}`, { Image, Labels: labels });
  await start(engine, `projected-${suite}`, { Image, Labels: project });
  await start(engine, `${suite}-named`, { Image, Volumes: { '/anonymous': {} } });
  await start(engine, `attached-${suite}`, { Image, HostConfig: { NetworkMode: network.name } });
  await engine.createNetwork({ Name: `labelled-${suite}`, Labels: labels });
  await engine.createVolume({ Name: `labelled-${suite}`, Labels: labels });
  await engine.createVolume({ Name: `${suite}-named` });
  await importSleep(engine, { repository: `labelled-${suite}`, label: `maestro.test.suite=${suite}` });
  await engine.getImage(Image).tag({ repo: `${suite}/api`, tag: '1' });
  await engine.getImage(Image).tag({ repo: `127.0.0.1:5000/${suite}/api`, tag: '1' });
}

async function start(engine: Docker, name: string, body: Docker.ContainerCreateOptions): Promise<Docker.Container> {
  const container = await engine.createContainer({ name, Cmd: ['/bin/sleep', '1000'], ...body });
  await container.start();
  return container;
}

async function everything(engine: Docker): Promise<readonly string[]> {
  const { Volumes } = await engine.listVolumes();
  return [
    ...(await engine.listContainers({ all: true })).map(({ Names }) => `container ${Names.join(' ')}`),
    ...(await engine.listNetworks()).map(({ Name }) => `network ${Name}`),
    ...Volumes.map(({ Name }) => `volume ${Name}`),
    ...(await engine.listImages()).flatMap(({ RepoTags }) => (RepoTags ?? []).map((tag) => `image ${tag}`)),
  ].sort();
}
