import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { ensureBaseImage } from '@maestro/base-images';
import { recordFaults } from '@maestro/services/faults';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openContainers } from '../../src/adapters/docker/open-containers.ts';
import { askEngine, imageMs } from './docker-environment.ts';
import { kill, until } from './environment.ts';
import { isOwnEnginePossible, OwnEngine } from './own-engine.ts';

const deployerFile = fileURLToPath(new URL('../fixtures/machine-deployer.ts', import.meta.url));
// Leads from a file into the network of the machine.
const wire = `
const { connect, createServer } = require('net');
const [file, port] = process.argv.slice(1);
require('fs').rmSync(file, { force: true });
createServer((one) => {
  const other = connect(port, '127.0.0.1');
  for (const end of [one, other]) end.once('error', () => (one.destroy(), other.destroy()));
  one.pipe(other).pipe(one);
}).listen(file);`;
const timeout = 5 * 60_000;

// Nobody deploys any more: each test goes on with the machine as the one before has left it.
describe.skipIf(!isOwnEnginePossible)('a machine with two services behind nginx in a container', () => {
  let engine: OwnEngine;
  let port = '';
  const stateFolder = () => join(engine.folder, 'state');
  const wireFile = () => join(engine.folder, 'wire.sock');

  const ping = () =>
    askEngine(engine, 'GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    );
  const openWire = () => {
    engine.spawn(process.execPath, ['-e', wire, wireFile(), port]).stdout.resume();
  };

  /** What is answered for each service; null where nothing well is. */
  const answers = () => Promise.all(['api', 'web'].map(ask));
  async function ask(service: string): Promise<string | null> {
    return await new Promise((resolve) => {
      const request = httpRequest({ socketPath: wireFile(), path: `/${service}`, agent: false }, (response) => {
        text(response).then(
          (body) => {
            resolve(response.statusCode === 200 ? body : null);
          },
          () => {
            resolve(null);
          },
        );
      });
      request.once('error', () => {
        resolve(null);
      });
      request.end();
    });
  }

  const proxyPid = async () => {
    const { body } = await askEngine(engine, 'GET', '/containers/shop-test-proxy/json');
    return (JSON.parse(String(body)) as { readonly State: { readonly Pid: number } }).State.Pid;
  };
  const states = async () => {
    const { runtime } = openContainers({
      engine: engine.address,
      project: 'shop',
      environment: 'test',
      stateFolder: stateFolder(),
      fetchImage: () => Promise.reject(new Error('nothing is to be started')),
      generation: () => Promise.resolve(null),
    });
    const instances = await runtime.observe();
    return Object.fromEntries(instances.map(({ service, slot, state }) => [`${service}.${slot}`, state]));
  };

  const right = ['api blue third', 'web blue third'];
  const answersRight = async () => (await answers()).every((answer, index) => answer === right[index]);
  /** Whether both services are back, or still there, and nothing else is. */
  const expectItStands = async (fault: string) => {
    await stands();
    recordFaults({
      promised: 'what is live is never stopped',
      fault,
      times: 1,
      checked: { services: 2 },
      wrong: { 'services that are not back': 0 },
    });
  };
  const stands = async () => {
    await until(answersRight, 120_000);
    expect(await states()).toEqual({
      'api.blue': 'running',
      'api.green': 'stopped',
      'web.blue': 'running',
      'web.green': 'stopped',
    });
  };

  beforeAll(async () => {
    engine = await OwnEngine.start();
    await until(ping, 60_000);
    const node = await ensureBaseImage({ engine: engine.engine, name: 'node' });
    const nginx = await ensureBaseImage({ engine: engine.engine, name: 'nginx' });
    const options = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', deployerFile];
    const places = [engine.address, stateFolder(), node.reference, nginx.reference];
    const deployer = engine.spawn(process.execPath, [...options, ...places]);
    const [printed] = await Promise.all([text(deployer.stdout), once(deployer, 'exit')]);
    ({ port } = new URL(printed));
    openWire();
  }, imageMs);
  afterAll(() => engine.remove(), 120_000);

  it('serves the third release, each service from its first slot again', { timeout }, stands);

  it('has nginx back by itself when it is killed', { timeout }, async () => {
    const pid = await proxyPid();
    kill(pid);
    await until(async () => ![0, pid].includes(await proxyPid()), 60_000);
    await expectItStands("nginx's container killed (SIGKILL)");
  });

  it('serves on while its engine is killed and away, and has all of it back with it', { timeout }, async () => {
    await engine.end('SIGKILL');
    expect(await answers()).toEqual(right);
    await engine.start();
    await until(ping, 120_000);
    await expectItStands('Docker Engine killed (SIGKILL) and away, with nginx before two services');
  });

  it('has all of it back after a loss of power, and nothing that was stopped', { timeout }, async () => {
    await engine.losePower();
    expect(await answers()).toEqual([null, null]);
    await engine.start();
    await until(ping, 120_000);
    openWire();
    await expectItStands('loss of power: no process, mount or network is left, files are');
  });
});
