import assert from 'node:assert/strict';

import { isMaestroError, MaestroError, type Observer, Redacted } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { ContainerSecrets, SecretsMount, SecretsPlace } from '../containers/container-secrets.ts';
import type { ContainerSecretsEvent } from '../containers/events.ts';
import type { ContainerSecretValues } from '../containers/secret-files.ts';

/** An engine, and a project of a test's own in it. */
export interface ContainerSecretsSubject {
  readonly open: (environment: string, onEvent?: Observer<ContainerSecretsEvent>) => ContainerSecrets;
  /** The files that a container which mounts the volume finds, by name. */
  readonly read: (mount: SecretsMount) => Promise<ReadonlyMap<string, Uint8Array>>;
  /** Has a container take the volume, until that is disposed of; tells the container's name. */
  readonly occupy: (mount: SecretsMount) => Promise<{ readonly container: string } & AsyncDisposable>;
  /** Does to a volume that no container of a service has what a reboot of the host does. */
  readonly empty: (mount: SecretsMount) => Promise<void>;
}

/** Called once a case; what cases make is in environments of their own. */
type Create = () => Promise<ContainerSecretsSubject>;

const owner = { uid: 1000, gid: 1000 };
const blue: SecretsPlace = { service: 'api', slot: 'blue' };
const canary = "it's\n$(a) c\u00e4nary\\";

/** What secrets in the memory of a container engine's host promise. */
export function containerSecretsContract(create: Create): readonly ContractCase[] {
  return [...filling(create), ...telling(create), ...emptied(create), ...removing(create), ...refusing(create)];
}

function filling(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'gives a container each secret as a file, byte for byte, and text as a variable, too',
      async run() {
        const { open, read } = await create();
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const secrets = { TOKEN: new Redacted(canary), KEY: new Redacted<Uint8Array>(bytes) };
        const mount = await open('filling').inject({ ...blue, owner, secrets });
        const files = await read(mount);
        assert.deepEqual([...files.keys()].sort(), ['KEY', 'TOKEN', 'env']);
        assert.equal(textIn(files, 'TOKEN'), canary);
        assert.deepEqual(Buffer.from(files.get('KEY') ?? []), Buffer.from(bytes));
        assert.equal(textIn(files, 'env'), `export TOKEN='${canary.replace("'", "'\\''")}'\n`);
        const { target, readOnly, noCopy, fileVariables } = mount;
        assert.deepEqual(
          { target, readOnly, noCopy, fileVariables },
          {
            target: '/run/secrets',
            readOnly: true,
            noCopy: true,
            fileVariables: { TOKEN_FILE: '/run/secrets/TOKEN', KEY_FILE: '/run/secrets/KEY' },
          },
        );
      },
    },
    {
      name: 'replaces all of them together, and writes nothing where nothing differs',
      async run() {
        const { open, read } = await create();
        const changes: boolean[] = [];
        const secrets = open('replacing', (event) => {
          if (event.type === 'secrets-injected') changes.push(event.changed);
        });
        await secrets.inject({ ...blue, owner, secrets: values({ ONE: 'a', TWO: 'b' }) });
        await secrets.inject({ ...blue, owner, secrets: values({ ONE: 'a', TWO: 'b' }) });
        const mount = await secrets.inject({ ...blue, owner, secrets: values({ TWO: 'c', THREE: 'd' }) });
        const files = await read(mount);
        assert.deepEqual([...files.keys()].sort(), ['THREE', 'TWO', 'env']);
        assert.equal(textIn(files, 'TWO'), 'c');
        assert.deepEqual(changes, [true, false, true]);
      },
    },
    {
      name: 'keeps services, slots and environments apart',
      async run() {
        const { open, read } = await create();
        const [one, other] = [open('apart'), open('apart-too')];
        const places = [blue, { service: 'api', slot: 'green' }, { service: 'api' }, { service: 'web' }];
        const mounts = [];
        for (const [index, place] of places.entries()) {
          mounts.push(await one.inject({ ...place, owner, secrets: values({ TOKEN: `${index}` }) }));
        }
        mounts.push(await other.inject({ ...blue, owner, secrets: values({ TOKEN: '4' }) }));
        const volumes = mounts.map(({ volume }) => volume);
        assert.equal(new Set(volumes).size, 5);
        assert.deepEqual(
          (await one.list()).map(({ volume }) => volume),
          volumes.slice(0, 4).sort(),
        );
        for (const [index, mount] of mounts.entries()) assert.equal(textIn(await read(mount), 'TOKEN'), `${index}`);
        assert.deepEqual(
          (await other.list()).map(({ volume }) => volume),
          [mounts[4]?.volume],
        );
      },
    },
  ];
}

function telling(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'tells by name what a volume does not hold as it should',
      async run() {
        const { open } = await create();
        const secrets = open('telling');
        const verify = (wanted: ContainerSecretValues) => secrets.verify({ ...blue, secrets: wanted });
        assert.deepEqual(await verify(values({ ONE: 'a' })), { state: 'absent', names: ['ONE'] });
        await secrets.inject({ ...blue, owner, secrets: values({ ONE: 'a', TWO: 'b' }) });
        assert.deepEqual(await verify(values({ ONE: 'a', TWO: 'b' })), { state: 'current' });
        assert.deepEqual(await verify(values({ ONE: 'x', THREE: 'c' })), {
          state: 'different',
          names: ['ONE', 'THREE', 'TWO'],
        });
      },
    },
    {
      name: 'tells whose they are and whom they belong to, and no value',
      async run() {
        const { open } = await create();
        const events: ContainerSecretsEvent[] = [];
        const secrets = open('no-value', (event) => events.push(event));
        const mount = await secrets.inject({ ...blue, owner, secrets: values({ TOKEN: 'canary' }) });
        const listed = await secrets.list();
        assert.deepEqual(listed, [{ ...blue, volume: mount.volume, owner, state: 'filled' }]);
        assert.equal(events.length, 1);
        assert.ok(!JSON.stringify([mount, listed, events]).includes('canary'));
      },
    },
  ];
}

function emptied(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'fills again what was emptied, and nothing else',
      async run() {
        const { open, read, empty } = await create();
        const secrets = open('emptied');
        const mount = await secrets.inject({ ...blue, owner, secrets: values({ TOKEN: 'old' }) });
        await secrets.inject({ service: 'web', owner, secrets: values({ TOKEN: 'kept' }) });
        await empty(mount);
        const verdict = await secrets.verify({ ...blue, secrets: values({ TOKEN: 'old' }) });
        assert.ok(['empty', 'keeper-stopped'].includes(verdict.state), verdict.state);
        const asked: SecretsPlace[] = [];
        const filled = await secrets.reinject({
          secretsFor(place) {
            asked.push(place);
            return Promise.resolve(values({ TOKEN: 'new' }));
          },
        });
        assert.deepEqual(asked, [blue]);
        assert.deepEqual(
          filled.map(({ volume }) => volume),
          [mount.volume],
        );
        assert.equal(textIn(await read(mount), 'TOKEN'), 'new');
        assert.deepEqual(
          (await secrets.list()).map(({ state }) => state),
          ['filled', 'filled'],
        );
      },
    },
    {
      name: 'fills the others where the secrets of one cannot be had, and tells of it; leaves what nobody has secrets for',
      async run() {
        const { open, empty } = await create();
        const secrets = open('partly');
        for (const service of ['api', 'gone', 'web']) {
          await empty(await secrets.inject({ service, owner, secrets: values({ TOKEN: 'old' }) }));
        }
        const secretsFor = ({ service }: SecretsPlace) => {
          if (service === 'gone') return Promise.resolve(undefined);
          if (service === 'web') return Promise.resolve(values({ TOKEN: 'new' }));
          return Promise.reject(new MaestroError('SECRETS_MISSING', 'TOKEN is missing', { hint: 'put it there' }));
        };
        await assert.rejects(secrets.reinject({ secretsFor }), (error: unknown) => {
          assert.ok(isMaestroError(error, 'SECRETS_MISSING'));
          assert.match(error.message, /^1 of 2 stay empty: .*api.*: TOKEN is missing$/);
          assert.equal(error.hint, 'put it there');
          return true;
        });
        const states = new Map((await secrets.list()).map(({ service, state }) => [service, state]));
        assert.equal(states.get('web'), 'filled');
        assert.notEqual(states.get('api'), 'filled');
        assert.notEqual(states.get('gone'), 'filled');
      },
    },
  ];
}

function removing(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'removes a volume once, and nothing that is not there',
      async run() {
        const { open } = await create();
        const removed: string[] = [];
        const secrets = open('removing', ({ type }) => type === 'secrets-removed' && removed.push(type));
        await secrets.inject({ ...blue, owner, secrets: values({ TOKEN: 'a' }) });
        await secrets.remove({ service: 'api', slot: 'green' });
        await secrets.remove(blue);
        await secrets.remove(blue);
        assert.deepEqual(await secrets.list(), []);
        assert.equal(removed.length, 1);
      },
    },
    {
      name: 'takes nothing from a container that has it, neither to remove it nor to give it to another user',
      async run() {
        const { open, occupy } = await create();
        const secrets = open('in-use');
        const mount = await secrets.inject({ ...blue, owner, secrets: values({ TOKEN: 'a' }) });
        const changed = { uid: 1001, gid: 1001 };
        const toOther = () => secrets.inject({ ...blue, owner: changed, secrets: values({ TOKEN: 'a' }) });
        {
          await using user = await occupy(mount);
          for (const act of [() => secrets.remove(blue), toOther]) {
            await assert.rejects(act, (error: unknown) => {
              assert.ok(isMaestroError(error, 'SECRETS_VOLUME_IN_USE'));
              assert.ok(error.hint?.includes(user.container));
              return true;
            });
          }
          assert.deepEqual(await secrets.verify({ ...blue, secrets: values({ TOKEN: 'a' }) }), { state: 'current' });
        }
        await toOther();
        assert.deepEqual(
          (await secrets.list()).map(({ owner, state }) => ({ owner, state })),
          [{ owner: changed, state: 'filled' }],
        );
      },
    },
  ];
}

const unfit: readonly (readonly [string, ContainerSecretValues, SecretsPlace, string])[] = [
  ['a name that leads elsewhere', { '../x': new Redacted('a') }, blue, 'SECRETS_REJECTED'],
  ['the name of the file with the variables', { env: new Redacted('a') }, blue, 'SECRETS_REJECTED'],
  ['the name of a folder of its own', { v1: new Redacted('a') }, blue, 'SECRETS_REJECTED'],
  ['text that no variable can hold', { TOKEN: new Redacted('a\0b') }, blue, 'SECRETS_UNFIT_FOR_ENVIRONMENT'],
  ['a service that no volume can be named after', values({ A: 'a' }), { service: 'a/b' }, 'SECRETS_REJECTED'],
  ['such a slot', values({ A: 'a' }), { service: 'api', slot: '-' }, 'SECRETS_REJECTED'],
];

function refusing(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'refuses names and values that a container cannot take, and makes nothing',
      async run() {
        const secrets = (await create()).open('refusing');
        for (const [what, wanted, place, code] of unfit) {
          await assert.rejects(
            secrets.inject({ ...place, owner, secrets: wanted }),
            (error: unknown) => isMaestroError(error, code),
            what,
          );
        }
        assert.deepEqual(await secrets.list(), []);
      },
    },
    {
      name: 'does nothing for whoever has given up',
      async run() {
        const secrets = (await create()).open('given-up');
        const signal = AbortSignal.abort(new Error('given up'));
        const calls = [
          () => secrets.inject({ ...blue, owner, secrets: values({ TOKEN: 'a' }), signal }),
          () => secrets.verify({ ...blue, secrets: values({ TOKEN: 'a' }), signal }),
          () => secrets.list({ signal }),
          () => secrets.remove({ ...blue, signal }),
        ];
        for (const call of calls) await assert.rejects(call, { message: 'given up' });
        assert.deepEqual(await secrets.list(), []);
      },
    },
  ];
}

function values(of: Readonly<Record<string, string>>): Readonly<Record<string, Redacted>> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, new Redacted(value)]));
}

function textIn(files: ReadonlyMap<string, Uint8Array>, name: string): string {
  return Buffer.from(files.get(name) ?? []).toString('utf8');
}
