import { expect, it } from 'vitest';

import { labels } from './container-labels.ts';
import { inspectedContainer } from './engine-answers.ts';
import { addressesByPlace, instancesOf, readReplica } from './observed-instances.ts';

interface Differences {
  readonly state?: object;
  readonly policy?: string;
  readonly labels?: object;
  readonly restarts?: number;
}

function replica({ state = {}, policy = 'no', labels: changed = {}, restarts = 0 }: Differences = {}) {
  const found = readReplica(
    inspectedContainer.parse({
      Id: 'abc',
      Created: '2026-01-01T00:00:00.000000000Z',
      RestartCount: restarts,
      State: { Status: 'running', Running: true, ExitCode: 0, StartedAt: '2026-01-01T00:00:01.000000000Z', ...state },
      Config: {
        Image: 'shop-api:test',
        Labels: {
          [labels.service]: 'api',
          [labels.slot]: 'green',
          [labels.replica]: '0',
          [labels.replicas]: '1',
          [labels.release]: 'r1',
          [labels.image]: 'shop-api:test',
          [labels.digest]: 'sha256:one',
          [labels.config]: 'c1',
          [labels.address]: '10.200.4.2:8080',
          ...changed,
        },
      },
      HostConfig: { RestartPolicy: { Name: policy } },
    }),
  );
  if (found === undefined) throw new Error('it is no replica');
  return found;
}

const exited = (ExitCode: number) => ({ Status: 'exited', Running: false, ExitCode });

it('reads an instance from the labels and the state of its container', () => {
  expect(instancesOf([replica()])).toEqual([
    {
      service: 'api',
      slot: 'green',
      release: 'r1',
      image: 'shop-api:test',
      digest: 'sha256:one',
      configHash: 'c1',
      state: 'running',
      addresses: [{ host: '10.200.4.2', port: 8080 }],
      restarts: 0,
      imageHealth: null,
      startedAt: '2026-01-01T00:00:01.000000000Z',
      exit: null,
    },
  ]);
});

it.each([
  ['ended by itself before it was kept running', { state: exited(3), policy: 'no' }, 'crashed', 'exit code 3'],
  ['was told to stop', { state: exited(143), policy: 'unless-stopped' }, 'stopped', 'SIGTERM'],
  ['was stopped by hand', { state: exited(137), policy: 'always' }, 'stopped', 'SIGKILL'],
  ['waits to be started again', { state: { ...exited(1), Running: true, Restarting: true } }, 'crashed', 'exit code 1'],
  ['was paused by hand', { state: { Paused: true } }, 'stopped', 'paused by hand'],
  ['was never started', { state: { Status: 'created', Running: false } }, 'crashed', 'was never started'],
  ['took too much memory', { state: { ...exited(137), OOMKilled: true } }, 'crashed', 'out of memory'],
  [
    'could not be started again',
    { state: { ...exited(128), Error: 'port in use' }, policy: 'always' },
    'crashed',
    'port in use',
  ],
])('tells of one that %s', (_, differences, state, exit) => {
  expect(instancesOf([replica(differences)])).toMatchObject([{ state, exit }]);
});

it('takes the time at which one was made that was never started', () => {
  const state = { Status: 'created', Running: false, StartedAt: '0001-01-01T00:00:00Z' };
  expect(instancesOf([replica({ state })])).toMatchObject([{ startedAt: '2026-01-01T00:00:00.000000000Z' }]);
});

const three = (index: number, differences: Differences = {}) =>
  replica({
    ...differences,
    labels: {
      [labels.replica]: String(index),
      [labels.replicas]: '3',
      [labels.address]: `10.200.4.${index + 2}:8080`,
      ...differences.labels,
    },
  });

it('joins replicas: addresses in order, restarts summed up, the worst health', () => {
  const health = (Status: string) => ({ state: { Health: { Status } } });
  const found = [
    three(2, health('healthy')),
    three(0, { ...health('starting'), restarts: 2 }),
    three(1, { restarts: 1 }),
  ];
  expect(instancesOf(found)).toMatchObject([{ state: 'running', restarts: 3, imageHealth: 'starting' }]);
  expect(instancesOf(found)[0]?.addresses.map(({ host }) => host)).toEqual(['10.200.4.2', '10.200.4.3', '10.200.4.4']);
  expect(instancesOf([...found, three(1, health('unhealthy'))])).toMatchObject([{ imageHealth: 'unhealthy' }]);
});

it.each([
  ['one crashed', [three(0), three(1, { state: exited(3) }), three(2)], 'crashed', 'replica 1: exit code 3'],
  [
    'one was stopped',
    [three(0), three(1), three(2, { state: exited(0), policy: 'always' })],
    'stopped',
    'replica 2: exit code 0',
  ],
  ['one is gone', [three(0), three(2)], 'crashed', 'replica 1: is gone'],
  [
    'one is of another release',
    [three(0), three(1, { labels: { [labels.config]: 'c2' } }), three(2)],
    'crashed',
    'replica 1: is of another release',
  ],
])('does not run while of its replicas %s', (_, found, state, exit) => {
  expect(instancesOf(found)).toMatchObject([{ state, exit }]);
});

it('takes no notice of containers whose labels are not whole', () => {
  for (const missing of [{ [labels.slot]: 'red' }, { [labels.address]: 'nowhere' }]) {
    expect(() => replica({ labels: missing })).toThrow('no replica');
  }
  expect(addressesByPlace([{ Labels: {} }, { Labels: { [labels.service]: 'api', [labels.slot]: 'blue' } }]).size).toBe(
    0,
  );
});
