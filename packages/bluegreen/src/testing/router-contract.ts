import assert from 'node:assert/strict';

import { poll, systemClock } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { CanaryRule, Router, RouterAddresses, Topology } from '../ports/router.ts';
import type { InstanceKey } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';

/** A router of a test's own with nothing applied yet, and `api` and `web` running in both slots behind it. */
export interface RouterSubject extends AsyncDisposable {
  readonly router: Router;
  /** Sends a request and returns which slot answered; null when none did. */
  readonly ask: (url: string, headers?: Readonly<Record<string, string>>) => Promise<Slot | null>;
  /** Begins a request that is answered when the function returned is called. */
  readonly begin: (url: string) => Promise<() => Promise<void>>;
}

type Promised = readonly [name: string, check: (subject: RouterSubject) => Promise<void>];

const topology: Topology = {
  listen: { host: '127.0.0.1', port: 0 },
  services: [
    { name: 'api', route: { host: null, path: '/api' } },
    { name: 'web', route: null },
  ],
};

/** What every router promises; `create` opens a new one. */
export function routerContract(create: () => Promise<RouterSubject>): readonly ContractCase[] {
  return promises.map(([name, check]) => ({
    name,
    run: async () => {
      const subject = await create();
      try {
        await check(subject);
      } finally {
        await subject[Symbol.asyncDispose]();
      }
    },
  }));
}

const promises: readonly Promised[] = [
  [
    'sends traffic nowhere before the first switch',
    async (subject) => {
      assert.equal(await subject.router.addresses(), null);
      assert.equal(await subject.router.generation(), null);
      const addresses = await subject.router.apply(topology);
      assert.deepEqual(await answers(subject, addresses), [null, null, null]);
    },
  ],
  [
    'hands out addresses once: applying again, also with more services, moves none',
    async ({ router }) => {
      const addresses = await router.apply(topology);
      assert.deepEqual(await router.addresses(), addresses);
      assert.deepEqual(await router.apply(topology), addresses);
      const more = await router.apply({ ...topology, services: [{ name: 'new', route: null }, ...topology.services] });
      assert.deepEqual({ ...more.services, new: undefined }, { ...addresses.services, new: undefined });
      assert.equal(more.url, addresses.url);
      assert.deepEqual(await router.apply(topology), addresses);
    },
  ],
  [
    'moves all services with one switch, at addresses that stay',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      let expected: number | null = null;
      for (const slot of ['blue', 'green', 'blue'] as const) {
        const slots = { api: slot, web: slot };
        const { generation, switchMs } = await subject.router.switchTo({ release: `to ${slot}`, slots, expected });
        assert.deepEqual({ release: generation.release, slots: generation.slots }, { release: `to ${slot}`, slots });
        assert.ok(switchMs >= 0);
        assert.deepEqual(await subject.router.generation(), generation);
        assert.deepEqual(await answers(subject, addresses), [slot, slot, slot]);
        assert.deepEqual(await subject.router.addresses(), addresses);
        expected = generation.number;
      }
    },
  ],
  [
    'takes a service that is not in the generation out of the traffic',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const first = await switchTo(subject, null, 'blue');
      await subject.router.switchTo({ release: 'without web', slots: { api: 'blue' }, expected: first });
      assert.deepEqual(await answers(subject, addresses), ['blue', 'blue', null]);
    },
  ],
  [
    'refuses a switch that was planned from another generation',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const moved = { code: 'BLUEGREEN_GENERATION_MOVED' };
      await assert.rejects(switchTo(subject, 7, 'blue'), moved);
      assert.equal(await subject.router.generation(), null);
      const live = await switchTo(subject, null, 'blue');
      await assert.rejects(switchTo(subject, null, 'green'), moved);
      await assert.rejects(switchTo(subject, live + 1, 'green'), moved);
      assert.equal((await subject.router.generation())?.number, live);
      assert.deepEqual(await answers(subject, addresses), ['blue', 'blue', 'blue']);
    },
  ],
  [
    'lets exactly one of several switches from the same generation win',
    async (subject) => {
      const expected = await switchTo(subject, null, 'blue');
      const switches = await Promise.allSettled(Array.from({ length: 8 }, () => switchTo(subject, expected, 'green')));
      const won = switches.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      assert.deepEqual(won, [(await subject.router.generation())?.number]);
    },
  ],
  [
    'does not switch when the fence throws, and passes on what it threw',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const expected = await switchTo(subject, null, 'blue');
      const fence = () => {
        throw new Error('the lock is lost');
      };
      const request = { release: 'fenced', slots: { api: 'green', web: 'green' } as const, expected, fence };
      await assert.rejects(subject.router.switchTo(request), /the lock is lost/);
      assert.equal((await subject.router.generation())?.number, expected);
      assert.deepEqual(await answers(subject, addresses), ['blue', 'blue', 'blue']);
    },
  ],
  [
    'never uses a number twice, also after a refused switch',
    async (subject) => {
      const numbers: number[] = [];
      let expected: number | null = null;
      for (let count = 0; count < 4; count += 1) {
        await assert.rejects(switchTo(subject, -1, 'green'));
        expected = await switchTo(subject, expected, 'blue');
        numbers.push(expected);
      }
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    },
  ],
  [
    'refuses names it could not read back, and changes nothing',
    async (subject) => {
      const expected = await switchTo(subject, null, 'blue');
      const request = { release: 'odd', slots: { 'Not A Name': 'green' } as const, expected };
      await assert.rejects(subject.router.switchTo(request), { code: 'BLUEGREEN_UNKNOWN_SERVICE' });
      assert.equal((await subject.router.generation())?.number, expected);
    },
  ],
  [
    'counts a request in the slot in which it began, until it is answered',
    async (subject) => {
      const { services } = await subject.router.apply(topology);
      const expected = await switchTo(subject, null, 'blue');
      const end = await subject.begin(services.web ?? '');
      await requestsSettle(subject, { service: 'web', slot: 'blue' }, 1);
      await switchTo(subject, expected, 'green');
      await requestsSettle(subject, { service: 'web', slot: 'blue' }, 1);
      await requestsSettle(subject, { service: 'web', slot: 'green' }, 0);
      await requestsSettle(subject, { service: 'api', slot: 'blue' }, 0);
      await end();
      await requestsSettle(subject, { service: 'web', slot: 'blue' }, 0);
    },
  ],
  [
    'previews the idle slot, also before the first switch, and moves no traffic by it',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const preview = async (slot: Slot) => {
        const { url, headers } = await subject.router.preview({ service: 'web', slot, path: '/' });
        return subject.ask(url, headers);
      };
      assert.equal(await preview('green'), 'green');
      await switchTo(subject, null, 'blue');
      assert.equal(await preview('green'), 'green');
      assert.deepEqual(await answers(subject, addresses), ['blue', 'blue', 'blue']);
    },
  ],
  [
    'gives a canary about its percentage of the requests for its service, and nothing else',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const live = await tryOut(subject, null, 30);
      assert.deepEqual((await subject.router.generation())?.canaryPercents, { web: 30 });
      const asked = Array.from({ length: 200 }, () => subject.ask(addresses.services.web ?? ''));
      const green = (await Promise.all(asked)).filter((slot) => slot === 'green').length;
      // Of 200 draws, by five and more standard deviations.
      assert.ok(green > 25 && green < 95, `${green} of 200 requests went to a canary of 30 percent`);
      assert.deepEqual((await answers(subject, addresses)).slice(0, 2), ['blue', 'blue']);
      await tryOut(subject, live, 0);
      assert.deepEqual(await answers(subject, addresses), ['blue', 'blue', 'blue']);
    },
  ],
  [
    'keeps together the requests that its rule says, and keeps them on the canary while its percentage rises',
    async (subject) => {
      const addresses = await subject.router.apply(withCanary({ stickBy: { header: 'X-Tenant' } }));
      const tenants = Array.from({ length: 40 }, (_, index) => `tenant-${index}`);
      const slots = () =>
        Promise.all(tenants.map((tenant) => subject.ask(addresses.services.web ?? '', { 'x-tenant': tenant })));
      const live = await tryOut(subject, null, 40);
      const first = await slots();
      assert.equal(new Set(first).size, 2);
      assert.deepEqual(await slots(), first);
      await tryOut(subject, live, 60);
      const second = await slots();
      assert.ok(first.every((slot, index) => slot === 'blue' || second[index] === 'green'));
    },
  ],
  [
    'gives the canary the requests that its rule names, also at 0 percent',
    async (subject) => {
      const match = { header: 'X-Canary', value: 'yes' };
      const addresses = await subject.router.apply(withCanary({ match }));
      const ask = (value: string) => subject.ask(addresses.services.web ?? '', { 'x-canary': value });
      const live = await tryOut(subject, null, 0);
      assert.deepEqual([await ask('yes'), await ask('no')], ['green', 'blue']);
      await switchTo(subject, live, 'blue');
      assert.equal(await ask('yes'), 'blue');

      await subject.router.apply(withCanary({ match: { cookie: 'canary', value: 'yes' } }));
      await tryOut(subject, (await subject.router.generation())?.number ?? null, 0);
      const byCookie = (cookie: string) => subject.ask(addresses.services.web ?? '', { cookie });
      assert.deepEqual([await byCookie('a=b; canary=yes'), await byCookie('canary=yes-and-no')], ['green', 'blue']);
    },
  ],
  [
    'makes a canary live, and takes one back, with one switch',
    async (subject) => {
      const addresses = await subject.router.apply(topology);
      const tried = await tryOut(subject, null, 50);
      const live = await switchTo(subject, tried, 'green');
      assert.deepEqual(await answers(subject, addresses), ['green', 'green', 'green']);
      assert.equal((await subject.router.generation())?.canaryPercents, undefined);
      const request = { release: 'back', slots: { api: 'green', web: 'green' } as const, canaryPercents: { web: 99 } };
      const { generation } = await subject.router.switchTo({ ...request, expected: live });
      await switchTo(subject, generation.number, 'green');
      assert.deepEqual(await answers(subject, addresses), ['green', 'green', 'green']);
    },
  ],
  [
    'refuses a canary that would get everything, and one of a service that is not live',
    async ({ router }) => {
      for (const canaryPercents of [{ web: 100 }, { web: 2.5 }, { other: 5 }] as const) {
        const request = { release: 'odd', slots: { web: 'blue' } as const, canaryPercents, expected: null };
        await assert.rejects(router.switchTo(request), { code: 'BLUEGREEN_UNKNOWN_SERVICE' });
      }
      assert.equal(await router.generation(), null);
    },
  ],
  [
    'does not load anything anew for a topology that it has',
    async ({ router }) => {
      await router.apply(topology);
      assert.equal(await router.reloadsFor(topology), false);
    },
  ],
  [
    'has no preview of a service that it does not know',
    async ({ router }) => {
      await router.apply(topology);
      const key: InstanceKey = { service: 'unheard-of', slot: 'blue' };
      await assert.rejects(router.preview({ ...key, path: '/' }), { code: 'BLUEGREEN_UNKNOWN_SERVICE' });
    },
  ],
];

async function switchTo({ router }: RouterSubject, expected: number | null, slot: Slot): Promise<number> {
  const { generation } = await router.switchTo({ release: 'a release', slots: { api: slot, web: slot }, expected });
  return generation.number;
}

function withCanary(canary: CanaryRule): Topology {
  return { ...topology, services: topology.services.map((service) => ({ ...service, canary })) };
}

/** Has `blue` live and the other slot of `web` as a canary. */
async function tryOut({ router }: RouterSubject, expected: number | null, percent: number): Promise<number> {
  const slots = { api: 'blue', web: 'blue' } as const;
  const { generation } = await router.switchTo({ release: 'tried', slots, canaryPercents: { web: percent }, expected });
  return generation.number;
}

/** Who answers an outsider's request for `api`, and other services' requests for `api` and `web`. */
function answers({ ask }: RouterSubject, { url, services }: RouterAddresses): Promise<readonly (Slot | null)[]> {
  return Promise.all([`${url}/api`, services.api ?? '', services.web ?? ''].map((address) => ask(address)));
}

async function requestsSettle({ router }: RouterSubject, key: InstanceKey, expected: number): Promise<void> {
  const outcome = await poll({
    probe: () => router.inFlight(key),
    accept: ({ requests, connections }) => requests === expected && connections === 0,
    intervalMs: 10,
    deadlineMs: 5_000,
    clock: systemClock,
  });
  assert.ok(outcome.accepted, `${key.service} in ${key.slot}: ${JSON.stringify(outcome.value)}, not ${expected}`);
}
