import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import type { Instance, InstanceKey } from '../../src/ports/runtime.ts';
import {
  ask,
  isRunning,
  kill,
  openForTest,
  processesWith,
  specOf,
  type TestEnvironment,
  until,
  urlOf,
} from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;

async function find(environment: TestEnvironment, key: InstanceKey): Promise<Instance> {
  const instances = await environment.embedded.runtime.observe();
  const instance = instances.find(({ service, slot }) => service === key.service && slot === key.slot);
  if (instance === undefined) throw new Error(`nothing in ${key.service}.${key.slot}`);
  return instance;
}

function reach(instance: Instance, path = '/'): Promise<string> {
  return ask(`${urlOf(instance)}${path}`).then(({ body }) => body);
}

async function pidOf(instance: Instance): Promise<number> {
  return Number(await reach(instance, '/pid'));
}

it('restarts the live instance when it is killed, and not the idle one', async () => {
  const environment = await openForTest();
  const { url } = await environment.listen();
  await environment.live('green', 'blue');
  const killed = await pidOf(await find(environment, blue));
  kill(await pidOf(await find(environment, green)));
  kill(killed);

  await until(() => ask(`${url}/pid`).then(({ status, body }) => status === 200 && body !== String(killed)));
  await delay(500);
  expect(await find(environment, blue)).toMatchObject({ state: 'running', exit: null });
  expect(await find(environment, green)).toMatchObject({ state: 'crashed', exit: 'SIGKILL' });
});

it('waits longer between restarts the more often a live instance crashes', async () => {
  const environment = await openForTest();
  await environment.listen();
  await environment.start(blue);
  await environment.switchTo({ api: 'blue' });
  const starts: number[] = [];
  let last = '';
  while (starts.length < 4) {
    const instance = await find(environment, blue);
    if (instance.state !== 'running' || instance.startedAt === last) {
      await delay(5);
      continue;
    }
    last = instance.startedAt;
    starts.push(Date.parse(last));
    await until(() =>
      pidOf(instance).then(
        (pid) => {
          kill(pid);
          return true;
        },
        () => false,
      ),
    );
  }
  const [first = 0, second = 0, third = 0] = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
  expect(first).toBeGreaterThanOrEqual(200);
  expect(second).toBeGreaterThanOrEqual(400);
  expect(third).toBeGreaterThanOrEqual(800);
});

it('ends what a service started itself, when the service ends and when it crashes', async () => {
  const environment = await openForTest();
  await environment.listen();
  const childOf = async (key: InstanceKey) => {
    const [line = ''] = (await environment.embedded.runtime.logs({ ...key, lines: 10 })).filter((one) =>
      one.startsWith('child'),
    );
    return Number(line.slice('child '.length));
  };
  await environment.start(blue, { CHILD: 'yes' });
  const instance = await environment.start(green, { CHILD: 'yes' });
  const [left, alsoLeft] = [await childOf(blue), await childOf(green)];
  expect(await isRunning(left)).toBe(true);

  await environment.embedded.runtime.stop({ ...blue, timeoutMs: 5_000 });
  expect(await isRunning(left)).toBe(false);
  kill(await pidOf(instance));
  await until(async () => !(await isRunning(alsoLeft)));
});

it('forces a service that ignores SIGTERM to end', async () => {
  const environment = await openForTest();
  await environment.listen();
  const instance = await environment.start(blue, { IGNORE_SIGTERM: 'yes' });
  const pid = await pidOf(instance);
  await environment.embedded.runtime.stop({ ...blue, timeoutMs: 200 });
  expect(await isRunning(pid)).toBe(false);
  expect(await find(environment, blue)).toMatchObject({ state: 'stopped', exit: 'SIGKILL' });
});

it('gives each of many instances started at once an address of its own', async () => {
  const environment = await openForTest();
  await environment.embedded.ensureRunning();
  const { runtime } = environment.embedded;
  const idle = { command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] };
  const keys = Array.from({ length: 12 }, (_, index) => ({ service: `service-${index}`, slot: 'blue' as const }));
  const started = await Promise.all(keys.map((key) => runtime.start(specOf(key, idle))));
  expect(new Set(started.map(urlOf)).size).toBe(keys.length);
});

it('runs one copy of a service, and refuses more', async () => {
  const environment = await openForTest();
  await environment.embedded.ensureRunning();
  const { runtime } = environment.embedded;
  await expect(runtime.start(specOf(blue, { replicas: 2 }))).rejects.toMatchObject({ code: 'BLUEGREEN_START_FAILED' });
  expect(await runtime.observe()).toEqual([]);
});

it('hands secrets to the process alone: no file and no command line holds one', async () => {
  const canary = 'canary-5f2c91d07a';
  const environment = await openForTest();
  const { url } = await environment.listen();
  const instance = await environment.embedded.runtime.start(
    specOf(blue, { secrets: { PASSWORD: new Redacted(canary) } }),
  );
  await environment.switchTo({ api: 'blue' });
  await until(() =>
    reach(instance, '/health').then(
      () => true,
      () => false,
    ),
  );

  expect(JSON.parse((await ask(`${url}/environment`)).body)).toMatchObject({ PASSWORD: canary });
  expect(await filesWith(canary, environment.folder)).toEqual([]);
  expect(await processesWith(canary)).toEqual([]);
});

async function filesWith(needle: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  let read = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    read += 1;
    if ((await readFile(path)).includes(needle)) found.push(path);
  }
  expect(read).toBeGreaterThan(4);
  return found;
}
