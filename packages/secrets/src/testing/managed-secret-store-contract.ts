import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { Redacted } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { ManagedSecretStore } from '../ports/managed-secret-store.ts';
import type { SecretPin } from '../ports/secret-store.ts';

/** A store of a test's own, and what cannot be done through the port. */
export interface ManagedSecretStoreSubject {
  readonly store: ManagedSecretStore;
  /** Marks a secret for deletion. */
  readonly delete: (name: string) => Promise<void>;
}

type Create = (secrets: Readonly<Record<string, string>>) => Promise<ManagedSecretStoreSubject>;

/** What every store that can be written to promises beyond `secretStoreContract`. */
export function managedSecretStoreContract(create: Create): readonly ContractCase[] {
  return [...creating(create), ...putting(create), ...moving(create), ...deleted(create)];
}

function creating(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'describes what it created: stages, key, tags, and no value',
      async run() {
        const { store } = await create({});
        const { version } = await store.create('A', new Redacted('canary-alpha'), {
          kmsKey: 'alias/shop',
          tags: { team: 'shop', 'maestro:environment': 'production' },
        });
        const described = await store.describe('A');
        assert.deepEqual(described?.stages, { current: version });
        assert.equal(described.kmsKey, 'alias/shop');
        assert.deepEqual(described.tags, { team: 'shop', 'maestro:environment': 'production' });
        assert.equal(described.deletedAt, undefined);
        assert.ok(!JSON.stringify(described).includes('canary'));
        assert.equal(await valueOf(store, 'A'), 'canary-alpha');
      },
    },
    {
      name: 'describes nothing where there is nothing',
      async run() {
        const { store } = await create({ A: 'alpha' });
        assert.equal(await store.describe('NOT_THERE'), undefined);
      },
    },
    {
      name: 'lists every secret by name, and no other',
      async run() {
        const { store } = await create({ B: 'beta', A: 'alpha' });
        await store.create('C', new Redacted('gamma'));
        const listed = await store.list();
        assert.deepEqual(
          listed.map(({ name }) => name),
          ['A', 'B', 'C'],
        );
        assert.deepEqual(listed[0], await store.describe('A'));
      },
    },
    {
      name: 'does not create what is there, and leaves it as it is',
      async run() {
        const { store } = await create({ A: 'alpha' });
        await assert.rejects(store.create('A', new Redacted('other')), { code: 'SECRETS_CONFLICT' });
        assert.equal(await valueOf(store, 'A'), 'alpha');
      },
    },
    {
      name: 'creates once, however often it is told with one token',
      async run() {
        const { store } = await create({});
        const token = randomUUID();
        const first = await store.create('A', new Redacted('alpha'), { token });
        assert.deepEqual(await store.create('A', new Redacted('alpha'), { token }), first);
        await assert.rejects(store.create('A', new Redacted('other'), { token }), { code: 'SECRETS_CONFLICT' });
        assert.equal(await valueOf(store, 'A'), 'alpha');
      },
    },
  ];
}

function putting(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'gives the new value after it was put, and the one before it as the previous one',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const before = (await store.describe('A'))?.stages.current;
        const { version } = await store.put('A', new Redacted('changed'));
        assert.equal(await valueOf(store, 'A'), 'changed');
        assert.equal(await valueOf(store, 'A', { stage: 'previous' }), 'alpha');
        assert.deepEqual((await store.describe('A'))?.stages, { current: version, previous: before });
      },
    },
    {
      name: 'puts once, however often it is told with one token',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const token = randomUUID();
        const first = await store.put('A', new Redacted('changed'), { token });
        const stages = (await store.describe('A'))?.stages;
        assert.deepEqual(await store.put('A', new Redacted('changed'), { token }), first);
        assert.deepEqual((await store.describe('A'))?.stages, stages);
        await assert.rejects(store.put('A', new Redacted('other'), { token }), { code: 'SECRETS_CONFLICT' });
      },
    },
    {
      name: 'replaces the version that the caller saw',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const replacing = currentOf(await store.describe('A'));
        const { version } = await store.put('A', new Redacted('changed'), { replacing });
        assert.equal(await valueOf(store, 'A'), 'changed');
        assert.deepEqual((await store.describe('A'))?.stages, { current: version, previous: replacing });
      },
    },
    {
      name: 'replaces once, however often it is told with one token',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const replacing = currentOf(await store.describe('A'));
        const token = randomUUID();
        const first = await store.put('A', new Redacted('changed'), { token, replacing });
        assert.deepEqual(await store.put('A', new Redacted('changed'), { token, replacing }), first);
        assert.equal((await store.describe('A'))?.stages.current, first.version);
      },
    },
    {
      name: 'does not replace what somebody else has changed meanwhile',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const replacing = currentOf(await store.describe('A'));
        await store.put('A', new Redacted('of somebody else'));
        const stages = (await store.describe('A'))?.stages;
        await assert.rejects(store.put('A', new Redacted('mine'), { replacing }), { code: 'SECRETS_CONFLICT' });
        assert.equal(await valueOf(store, 'A'), 'of somebody else');
        assert.deepEqual((await store.describe('A'))?.stages, stages);
      },
    },
    {
      name: 'lets one of eight win that replace the same version at once',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const replacing = currentOf(await store.describe('A'));
        const writers = Array.from({ length: 8 }, (_, index) =>
          store.put('A', new Redacted(`by ${index}`), { replacing }),
        );
        const won = (await Promise.allSettled(writers)).flatMap(({ status }, index) =>
          status === 'fulfilled' ? [`by ${index}`] : [],
        );
        assert.equal(won.length, 1);
        assert.equal(await valueOf(store, 'A'), won[0]);
        assert.equal((await store.describe('A'))?.stages.previous, replacing);
      },
    },
    {
      name: 'keeps a pending value aside until it is made current',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const from = currentOf(await store.describe('A'));
        const { version: to } = await store.put('A', new Redacted('next'), { stage: 'pending' });
        assert.equal(await valueOf(store, 'A'), 'alpha');
        assert.equal(await valueOf(store, 'A', { stage: 'pending' }), 'next');
        await store.moveStage('A', { stage: 'current', from, to });
        assert.equal(await valueOf(store, 'A', { stage: 'current' }), 'next');
        assert.equal(await valueOf(store, 'A', { stage: 'previous' }), 'alpha');
        await store.moveStage('A', { stage: 'pending', from: to, to: undefined });
        assert.deepEqual((await store.describe('A'))?.stages, { current: to, previous: from });
      },
    },
    {
      name: 'gives what was made current, also where no stage is named',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const from = currentOf(await store.describe('A'));
        const { version: to } = await store.put('A', new Redacted('next'), { stage: 'pending' });
        await store.moveStage('A', { stage: 'current', from, to });
        assert.equal(await valueOf(store, 'A'), 'next');
      },
    },
    {
      name: 'puts a pending value only where there is none, or in the place of the one that the caller saw',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const { version } = await store.put('A', new Redacted('next'), { stage: 'pending' });
        const stages = (await store.describe('A'))?.stages;
        const blind = store.put('A', new Redacted('of somebody else'), { stage: 'pending' });
        await assert.rejects(blind, { code: 'SECRETS_CONFLICT' });
        assert.deepEqual((await store.describe('A'))?.stages, stages);
        const instead = await store.put('A', new Redacted('instead'), { stage: 'pending', replacing: version });
        assert.equal((await store.describe('A'))?.stages.pending, instead.version);
        assert.equal(await valueOf(store, 'A', { stage: 'pending' }), 'instead');
        assert.equal(await valueOf(store, 'A'), 'alpha');
      },
    },
    {
      name: 'lets one of eight win that put a pending value at once',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const writers = Array.from({ length: 8 }, (_, index) =>
          store.put('A', new Redacted(`by ${index}`), { stage: 'pending' }),
        );
        const won = (await Promise.allSettled(writers)).flatMap(({ status }, index) =>
          status === 'fulfilled' ? [`by ${index}`] : [],
        );
        assert.equal(won.length, 1);
        assert.equal(await valueOf(store, 'A', { stage: 'pending' }), won[0]);
      },
    },
    {
      name: 'puts nothing into what is not there',
      async run() {
        const { store } = await create({});
        await assert.rejects(store.put('NOT_THERE', new Redacted('alpha')), { code: 'SECRETS_MISSING' });
        assert.equal(await store.describe('NOT_THERE'), undefined);
      },
    },
  ];
}

function moving(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'moves a stage only from where the caller saw it',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const first = currentOf(await store.describe('A'));
        const { version: second } = await store.put('A', new Redacted('second'));
        const { version: third } = await store.put('A', new Redacted('third'), { stage: 'pending' });
        const moved = store.moveStage('A', { stage: 'current', from: first, to: third });
        await assert.rejects(moved, { code: 'SECRETS_CONFLICT' });
        assert.equal((await store.describe('A'))?.stages.current, second);
      },
    },
    {
      name: 'says nothing of a stage that is already where it is to go',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const from = currentOf(await store.describe('A'));
        const { version: to } = await store.put('A', new Redacted('next'), { stage: 'pending' });
        await store.moveStage('A', { stage: 'current', from, to });
        await store.moveStage('A', { stage: 'current', from, to });
        assert.equal((await store.describe('A'))?.stages.current, to);
        assert.equal((await store.describe('A'))?.stages.previous, from);
      },
    },
    {
      name: 'goes back to the previous version, and forth again',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const first = currentOf(await store.describe('A'));
        const { version: second } = await store.put('A', new Redacted('second'));
        await store.moveStage('A', { stage: 'current', from: second, to: first });
        assert.deepEqual((await store.describe('A'))?.stages, { current: first, previous: second });
        assert.equal(await valueOf(store, 'A', { stage: 'current' }), 'alpha');
        await store.moveStage('A', { stage: 'current', from: first, to: second });
        assert.deepEqual((await store.describe('A'))?.stages, { current: second, previous: first });
      },
    },
  ];
}

function deleted(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'says of what is marked for deletion that it is, and gives it again once it is restored',
      async run() {
        const subject = await create({ A: 'alpha', B: 'beta' });
        const { store } = subject;
        await subject.delete('A');
        const { found, failed } = await store.fetch(['A', 'B']);
        assert.equal(failed.get('A')?.reason, 'pending-deletion');
        assert.equal(found.get('B')?.value.reveal(), 'beta');
        assert.ok(((await store.describe('A'))?.deletedAt ?? '').startsWith('20'));
        await assert.rejects(store.put('A', new Redacted('changed')), { code: 'SECRETS_PENDING_DELETION' });

        await store.restore('A');
        assert.equal((await store.describe('A'))?.deletedAt, undefined);
        assert.equal(await valueOf(store, 'A'), 'alpha');
      },
    },
    {
      name: 'does not create over what is marked for deletion, and says so',
      async run() {
        const subject = await create({ A: 'alpha' });
        await subject.delete('A');
        const created = subject.store.create('A', new Redacted('anew'));
        await assert.rejects(created, { code: 'SECRETS_PENDING_DELETION' });
      },
    },
    {
      name: 'lists what is marked for deletion too',
      async run() {
        const subject = await create({ A: 'alpha', B: 'beta' });
        await subject.delete('A');
        const listed = (await subject.store.list()).map(({ name, deletedAt }) => [name, deletedAt !== undefined]);
        assert.deepEqual(listed, [
          ['A', true],
          ['B', false],
        ]);
      },
    },
    {
      name: 'restores and moves nothing of what is not there',
      async run() {
        const { store } = await create({});
        await assert.rejects(store.restore('NOT_THERE'), { code: 'SECRETS_MISSING' });
        const moved = store.moveStage('NOT_THERE', { stage: 'current', from: undefined, to: randomUUID() });
        await assert.rejects(moved, { code: 'SECRETS_MISSING' });
      },
    },
  ];
}

async function valueOf(store: ManagedSecretStore, name: string, pin?: SecretPin): Promise<string | undefined> {
  const { found } = await store.fetch([name], pin === undefined ? {} : { pins: new Map([[name, pin]]) });
  return found.get(name)?.value.reveal();
}

function currentOf(described: Awaited<ReturnType<ManagedSecretStore['describe']>>): string {
  assert.ok(described?.stages.current !== undefined, 'it has no current version');
  return described.stages.current;
}
