import type { Instance, Slot } from '@maestro/bluegreen';
import { describe, expect, it } from 'vitest';

import type { GateDefinition } from '../release/call-definition.ts';
import type { ServiceDefinition } from '../release/release-definition.ts';
import { noTrial, planRelease, type PlanReleaseInput } from './plan-release.ts';

function service(name: string, overrides: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    name,
    repository: `shop-${name}`,
    image: `shop-${name}:demo-abc1234`,
    digest: `sha256:${name}`,
    revision: 'abc1234',
    command: ['node', 'server.ts'],
    environment: {},
    secrets: [],
    secretVersions: {},
    database: null,
    migrations: null,
    route: null,
    health: { kind: 'http', path: '/health', timeoutMs: 1000, intervalMs: 50, deadlineMs: 5000 },
    strategy: { kind: 'blue-green' },
    container: null,
    passing: null,
    canary: null,
    longLivedTimeoutMs: null,
    dependsOn: [],
    drainTimeoutMs: 1000,
    stopTimeoutMs: 1000,
    configHash: 'c1',
    ...overrides,
  };
}

function instance(name: string, slot: Slot, overrides: Partial<Instance> = {}): Instance {
  return {
    service: name,
    slot,
    release: 'r1',
    image: `shop-${name}:demo-abc1234`,
    digest: `sha256:${name}`,
    configHash: 'c1',
    state: 'running',
    addresses: [{ host: '127.0.0.1', port: 21000 }],
    restarts: 0,
    imageHealth: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    exit: null,
    ...overrides,
  };
}

const api = service('api', { secrets: ['TOKEN'], secretVersions: { TOKEN: 'v1' } });
const web = service('web', { dependsOn: ['api'] });
const nothing = { generation: null, instances: [] };
const running = {
  generation: { number: 3, release: 'r1', at: '', slots: { api: 'blue', web: 'green' } as const },
  instances: [instance('api', 'blue'), instance('web', 'green')],
};

function plan(overrides: Partial<PlanReleaseInput>) {
  return planRelease({
    environment: 'demo',
    kind: 'deploy',
    services: [api, web],
    unwanted: [],
    observed: nothing,
    live: [],
    pendingMigrations: {},
    waitingMigrations: {},
    judged: false,
    reloads: false,
    trial: noTrial,
    ...overrides,
  });
}

const ids = (overrides: Partial<PlanReleaseInput>) => plan(overrides).steps.map(({ id }) => id);

describe('planRelease', () => {
  it('plans a first deployment: dependencies first, nothing to drain', () => {
    expect(ids({ pendingMigrations: { api: ['0001_create'] } })).toEqual([
      'image:api',
      'image:web',
      'secrets',
      'migrate:api',
      'start:api',
      'probe:api',
      'start:web',
      'probe:web',
      'switch',
      'record',
    ]);
  });

  it('says which secret was rotated where the same image runs with another one', () => {
    const rotated = service('api', { secrets: ['TOKEN'], secretVersions: { TOKEN: 'v2' }, configHash: 'c2' });
    const changed = { services: [rotated, web], before: [api, web] };
    const reasonIn = (observed: PlanReleaseInput['observed']) => plan({ ...changed, observed }).services[0]?.reason;
    expect(reasonIn(running)).toBe('secret TOKEN rotated');
    const crashed = [instance('api', 'blue', { state: 'crashed' }), instance('web', 'green')];
    expect(reasonIn({ ...running, instances: crashed })).toBe('the live instance crashed');
    expect(plan({ services: [rotated, web], observed: running }).services[0]?.reason).toBe('configuration changed');
  });

  it('runs jobs before what depends on them starts, and before anybody is taken out of the traffic', () => {
    const job = service('import', { strategy: { kind: 'job', timeoutMs: 1_000 } });
    const alone = service('api', { strategy: { kind: 'recreate' }, digest: 'sha256:new' });
    const calls = { gates: [], hooks: [], jobs: ['import'] };
    const services = [job, alone, service('web', { dependsOn: ['import'], digest: 'sha256:new' })];
    const steps = ids({ services, observed: running, calls });
    const order = ['job:import', 'away', 'start:api', 'start:web', 'switch'];
    expect(steps.filter((id) => order.includes(id))).toEqual(order);
    expect(plan({ services, observed: running, calls }).services[0]).toMatchObject({ name: 'import', change: 'run' });
  });

  it('plans a release for a job alone, and one that was begun to its end though nothing is left to start', () => {
    const job = service('import', { strategy: { kind: 'job', timeoutMs: 1_000 } });
    const services = [api, web, job];
    expect(ids({ services, observed: running })).toEqual([]);
    expect(ids({ services, observed: running, resumed: true })).toEqual(['switch', 'record']);
    const calls = { gates: [], hooks: [], jobs: ['import'] };
    expect(ids({ services, observed: running, calls })).toEqual(['image:import', 'job:import', 'switch', 'record']);
  });

  it('has another hash with another gate of the registry, and the same one with functions of a script', () => {
    const common = { service: null, after: 'images', timeoutMs: 1_000 } as const;
    const unit = {
      ...common,
      id: 'gate:unit',
      name: 'unit',
      kind: 'command',
      command: ['true'],
      folder: '/',
      pass: [],
    } as const;
    const own = { ...common, id: 'gate:script:own', name: 'own', kind: 'function' } as const;
    const hash = (gates: readonly GateDefinition[]) => plan({ calls: { gates, hooks: [], jobs: [] } }).hash;
    expect(hash([{ ...unit, coverage: null }])).not.toBe(hash([]));
    expect(hash([own])).toBe(hash([]));
  });

  it('says which migrations wait, and does nothing about them', () => {
    const waiting = { observed: running, waitingMigrations: { api: ['0003_drop_total'] } };
    const { steps, services, hash } = plan(waiting);
    expect(steps).toEqual([]);
    expect(services.map(({ name, waitingMigrations }) => [name, waitingMigrations])).toEqual([
      ['api', ['0003_drop_total']],
      ['web', []],
    ]);
    expect(hash).toBe(plan({ observed: running }).hash);
  });

  it('plans nothing where everything runs as it should', () => {
    const { steps, services } = plan({ observed: running });
    expect(steps).toEqual([]);
    expect(services.map(({ change, reason }) => [change, reason])).toEqual([
      ['keep', 'unchanged'],
      ['keep', 'unchanged'],
    ]);
  });

  it('moves only what changed, into the idle slot, and says why', () => {
    const changed = { services: [api, service('web', { digest: 'sha256:new' })], observed: running };
    expect(ids(changed)).toEqual(['image:web', 'start:web', 'probe:web', 'switch', 'drain:web', 'stop:web', 'record']);
    const { steps, services } = plan(changed);
    expect(steps.map(({ summary }) => summary)).toEqual([
      'image shop-web:demo-abc1234 (image changed)',
      'start web in blue',
      'probe web in blue',
      'switch web to blue',
      'drain web in green',
      'stop web in green',
      'record the release',
    ]);
    expect(services[1]).toMatchObject({ name: 'web', change: 'start', reason: 'image changed' });
  });

  it('neither builds nor fetches secrets for an instance that is still warm', () => {
    const warm = {
      ...running,
      instances: [...running.instances, instance('api', 'green', { digest: 'sha256:old' })],
    };
    expect(ids({ kind: 'rollback', services: [{ ...api, digest: 'sha256:old' }, web], observed: warm })).toEqual([
      'probe:api',
      'switch',
      'drain:api',
      'stop:api',
      'record',
    ]);
  });

  it('starts everything side by side where dependencies are live, in order where they are not', () => {
    const changed = [service('api', { digest: 'sha256:new' }), service('web', { ...web, digest: 'sha256:new' })];
    expect(plan({ services: changed }).waves).toEqual([['api'], ['web']]);
    expect(plan({ services: changed, observed: running }).waves).toEqual([['api', 'web']]);
  });

  it('switches a route alone where nothing else changes', () => {
    const moved = plan({
      services: [api, service('web', { route: { host: null, path: '/shop' } })],
      observed: running,
      live: [api, { name: 'web', route: { host: null, path: '/' } }],
    });
    expect(moved.steps.map(({ summary }) => summary)).toEqual([
      'switch the route of web to /shop',
      'record the release',
    ]);
    expect(plan({ observed: running, live: [api, web] }).steps).toEqual([]);
  });

  it('takes away what is no longer registered', () => {
    const gone = plan({ services: [api], unwanted: ['web'], observed: running });
    expect(gone.steps.map(({ summary }) => summary)).toEqual([
      'switch web away',
      'drain web in green',
      'stop web in green',
      'record the release',
    ]);
  });

  it('builds what is not built yet, judges what is new, and gives no digest that is not known', () => {
    const unbuilt = service('web', { digest: 'unbuilt:sha256:input' });
    const changed = { services: [api, unbuilt], observed: running, judged: true };
    expect(ids(changed).slice(0, 3)).toEqual(['build', 'image:web', 'scan']);
    expect(plan(changed).services.map(({ digest }) => digest)).toEqual(['sha256:api', null]);
    expect(ids({ ...changed, kind: 'rollback' })).not.toContain('scan');
  });

  it('says that nginx is reloaded before anything is started', () => {
    const steps = ids({ services: [api, service('web', { digest: 'sha256:new' })], observed: running, reloads: true });
    expect(steps.slice(0, 3)).toEqual(['image:web', 'reload', 'start:web']);
    expect(ids({ observed: running, reloads: true })).toEqual([]);
  });

  it('tries new versions out where the one before runs beside them, and never on the way back', () => {
    const trial = { canarySteps: [10, 50], canaryStepMs: 30_000, bakeMs: 12_000, limits: {} };
    const changed = { services: [service('api', { digest: 'sha256:new' }), web], observed: running, trial };
    const summaries = plan(changed).steps.map(({ summary }) => summary);
    expect(summaries).toContain('canary of api: 10 %, 50 %, each for 30 s; not judged with fewer than 20 requests');
    expect(summaries).toContain(
      'watch api for 12 s; not judged with fewer than 20 requests, nor by latency in so short a time',
    );
    const order = ids(changed).filter((id) => ['probe:api', 'canary', 'switch', 'bake', 'drain:api'].includes(id));
    expect(order).toEqual(['probe:api', 'canary', 'switch', 'bake', 'drain:api']);
    for (const without of [plan({ trial }), plan({ ...changed, kind: 'rollback' })]) {
      expect(without.steps.map(({ kind }) => kind)).not.toEqual(expect.arrayContaining(['canary']));
      expect(without.steps.map(({ kind }) => kind)).not.toEqual(expect.arrayContaining(['bake']));
    }
  });

  it('ends what cannot run twice before its successor starts, and says what that means', () => {
    const trial = { canarySteps: [10], canaryStepMs: 1_000, bakeMs: 1_000, limits: {} };
    const recreated = service('api', { digest: 'sha256:new', strategy: { kind: 'recreate' } });
    const replaced = plan({ services: [recreated, web], observed: running, trial });
    expect(replaced.steps.map(({ id }) => id)).toEqual([
      'image:api',
      'away',
      'drain:api',
      'stop:api',
      'start:api',
      'probe:api',
      'switch',
      'record',
    ]);
    expect(replaced.steps[1]?.summary).toBe(
      'api: nobody answers from here until the switch, since it cannot run twice',
    );
    // Who depends on it must wait for it: the live one is gone.
    const both = [recreated, service('web', { ...web, digest: 'sha256:new' })];
    expect(plan({ services: both, observed: running }).waves).toEqual([['api'], ['web']]);
  });

  it('replaces a worker beside the one before or after it, without taking anything from the traffic', () => {
    const worker = (successor: 'after' | 'beside') =>
      service('web', { digest: 'sha256:new', strategy: { kind: 'worker', successor } });
    const observed = { ...running, generation: { ...running.generation, slots: { api: 'blue' } as const } };
    expect(ids({ services: [api, worker('beside')], observed })).toEqual([
      'image:web',
      'start:web',
      'probe:web',
      'switch',
      'drain:web',
      'stop:web',
      'record',
    ]);
    expect(ids({ services: [api, worker('after')], observed })).toEqual([
      'image:web',
      'drain:web',
      'stop:web',
      'start:web',
      'probe:web',
      'switch',
      'record',
    ]);
  });

  it('gives the same world the same hash and another world another one', () => {
    const { hash } = plan({ observed: running });
    expect(plan({ observed: running }).hash).toBe(hash);
    const others = [
      plan({ observed: { ...running, generation: { ...running.generation, number: 4 } } }),
      plan({ observed: running, services: [{ ...api, digest: 'sha256:x' }, web] }),
      plan({ observed: running, services: [{ ...api, configHash: 'c2' }, web] }),
      plan({ observed: running, pendingMigrations: { api: ['0002_more'] } }),
      plan({ observed: running, environment: 'production' }),
      plan({ observed: { ...running, instances: [instance('api', 'blue')] } }),
    ];
    expect(new Set([hash, ...others.map((other) => other.hash)]).size).toBe(others.length + 1);
  });
});
