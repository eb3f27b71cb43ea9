import assert from 'node:assert/strict';
import { format, inspect } from 'node:util';

import type { ContractCase } from '@maestro/core/testing';

import type { FetchedSecrets, SecretStore } from '../ports/secret-store.ts';

/** A store of a test's own, and a way to change what is in it. */
export interface SecretStoreSubject {
  readonly store: SecretStore;
  readonly put: (name: string, value: string) => Promise<void>;
}

/** What every store of secrets promises; `create` makes a new one that holds exactly these. */
export function secretStoreContract(
  create: (secrets: Readonly<Record<string, string>>) => Promise<SecretStoreSubject>,
): readonly ContractCase[] {
  return [
    {
      name: 'gives the values asked for, and no others',
      async run() {
        const { store } = await create({ A: 'alpha', B: 'beta', C: 'gamma' });
        const { found, failed } = await store.fetch(['C', 'A']);
        assert.deepEqual(revealed(found), { A: 'alpha', C: 'gamma' });
        assert.equal(failed.size, 0);
      },
    },
    {
      name: 'keeps every character of a value',
      async run() {
        const value = ' p@ss#word="1" $HOME ${X} $(id) \\n \u00e9\u{1f511} ';
        const { store } = await create({ A: value });
        assert.deepEqual(revealed((await store.fetch(['A'])).found), { A: value });
      },
    },
    {
      name: 'reports what is missing and still gives the rest',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const { found, failed } = await store.fetch(['NOT_THERE', 'A', 'constructor', '__proto__']);
        assert.deepEqual(revealed(found), { A: 'alpha' });
        assert.deepEqual(
          [...failed].map(([name, { reason }]) => [name, reason]),
          [
            ['NOT_THERE', 'missing'],
            ['constructor', 'missing'],
            ['__proto__', 'missing'],
          ],
        );
      },
    },
    {
      name: 'answers an empty batch with nothing',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const { found, failed } = await store.fetch([]);
        assert.equal(found.size + failed.size, 0);
      },
    },
    {
      name: 'gives a new value and another version after a change, never what it gave before',
      async run() {
        const { store, put } = await create({ A: 'alpha', B: 'beta' });
        const before = (await store.fetch(['A', 'B'])).found;
        await put('A', 'changed');
        const after = (await store.fetch(['A', 'B'])).found;
        assert.deepEqual(revealed(after), { A: 'changed', B: 'beta' });
        assert.notEqual(after.get('A')?.version, before.get('A')?.version);
        assert.equal(after.get('B')?.version, before.get('B')?.version);
      },
    },
    {
      name: 'gives exactly the version asked for, or says that it is gone',
      async run() {
        const { store, put } = await create({ A: 'alpha' });
        const version = versionOf(await store.fetch(['A']), 'A');
        assert.deepEqual(revealed((await store.fetch(['A'], { pins: new Map([['A', { version }]]) })).found), {
          A: 'alpha',
        });

        await put('A', 'changed');
        const { found, failed } = await store.fetch(['A'], { pins: new Map([['A', { version }]]) });
        if (found.has('A')) assert.deepEqual(revealed(found), { A: 'alpha' });
        else assert.equal(failed.get('A')?.reason, 'version-gone');
      },
    },
    {
      name: 'says that a version it never had is gone, and still gives the rest',
      async run() {
        const { store } = await create({ A: 'alpha', B: 'beta' });
        const { found, failed } = await store.fetch(['A', 'B'], {
          pins: new Map([['A', { version: '0123456789abcdef' }]]),
        });
        assert.equal(failed.get('A')?.reason, 'version-gone');
        assert.deepEqual(revealed(found), { B: 'beta' });
      },
    },
    {
      name: 'gives the current version by its stage, and the one before it or that it is gone',
      async run() {
        const { store, put } = await create({ A: 'alpha', B: 'beta' });
        await put('A', 'changed');
        const current = await store.fetch(['A'], { pins: new Map([['A', { stage: 'current' }]]) });
        assert.deepEqual(revealed(current.found), { A: 'changed' });
        const pins = new Map([['A', { stage: 'previous' as const }]]);
        const { found, failed } = await store.fetch(['A', 'B'], { pins });
        assert.equal(found.get('B')?.value.reveal(), 'beta');
        if (found.has('A')) assert.equal(found.get('A')?.value.reveal(), 'alpha');
        else assert.equal(failed.get('A')?.reason, 'version-gone');
      },
    },
    {
      name: 'says that a stage no version has is gone, and that a secret that is not there is missing',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const pins = new Map([
          ['A', { stage: 'pending' as const }],
          ['NOT_THERE', { stage: 'previous' as const }],
        ]);
        const { found, failed } = await store.fetch(['A', 'NOT_THERE'], { pins });
        assert.equal(found.size, 0);
        assert.equal(failed.get('A')?.reason, 'version-gone');
        assert.equal(failed.get('NOT_THERE')?.reason, 'missing');
      },
    },
    {
      name: 'answers for every one of 45 names, also where some are not there',
      async run() {
        const names = Array.from({ length: 45 }, (_, index) => `N${index}`);
        const there = names.filter((_, index) => index % 3 !== 0);
        const { store } = await create(Object.fromEntries(there.map((name) => [name, `value of ${name}`])));
        const { found, failed } = await store.fetch(names);
        assert.deepEqual([...found.keys()].sort(), [...there].sort());
        assert.equal(found.size + failed.size, names.length);
        for (const [name, { value }] of found) assert.equal(value.reveal(), `value of ${name}`);
      },
    },
    {
      name: 'shows no value in what it returns, however it is printed',
      async run() {
        const { store } = await create({ A: 'canary-alpha' });
        const fetched = await store.fetch(['A', 'NOT_THERE']);
        const printed = [
          inspect([store, fetched], { showHidden: true, depth: 9 }),
          format('%o %j', fetched, fetched),
          JSON.stringify([...fetched.found, ...fetched.failed]),
        ].join();
        assert.ok(!printed.includes('canary'), printed.replaceAll('canary-alpha', '<the value>'));
      },
    },
    {
      name: 'rejects with the reason of a signal that aborted',
      async run() {
        const { store } = await create({ A: 'alpha' });
        const reason = new Error('stopped by the operator');
        await assert.rejects(store.fetch(['A'], { signal: AbortSignal.abort(reason) }), reason);
      },
    },
  ];
}

function revealed(found: FetchedSecrets['found']): Readonly<Record<string, string>> {
  return Object.fromEntries([...found].map(([name, { value }]): [string, string] => [name, value.reveal()]));
}

function versionOf({ found }: FetchedSecrets, name: string): string {
  const version = found.get(name)?.version;
  assert.ok(version !== undefined, `${name} was not found`);
  return version;
}
