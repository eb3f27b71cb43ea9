import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';

import { isMaestroError, processIdentity } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type Credentials, dockerCredentials } from '../../src/oci.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-docker-config-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH ?? ''}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function configure(config: object): Promise<void> {
  return writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

/** A program that writes down what it is asked, and does this then. */
async function installHelper(name: string, script: string): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n{ echo "$1"; cat; echo; } >>'${join(folder, 'asked')}'\n${script}\n`);
  await chmod(path, 0o755);
}

const asked = () => readFile(join(folder, 'asked'), 'utf8');
const printing = (username: string, secret: string) =>
  `echo '${JSON.stringify({ ServerURL: 'https://x', Username: username, Secret: secret })}'`;
const notFound = "echo 'credentials not found in native keychain'; exit 1";

function revealed(login: Credentials | undefined): unknown {
  if (login === undefined) return undefined;
  return 'username' in login ? [login.username, login.password.reveal()] : login.identityToken.reveal();
}

const find = async (registry: string) => revealed(await dockerCredentials({ configFolder: folder })(registry));

async function expectFailure(registry: string, message: RegExp, hint: RegExp): Promise<void> {
  const error: unknown = await find(registry).catch((reason: unknown) => reason);
  expect(isMaestroError(error, 'IMAGE_STORE_CREDENTIALS')).toBe(true);
  expect(error).toMatchObject({
    message: expect.stringMatching(message) as string,
    hint: expect.stringMatching(hint) as string,
  });
  expect(inspect(error, { depth: Infinity })).not.toContain('horse');
}

it('asks the helper of the registry on its standard input', async () => {
  await configure({ credHelpers: { 'registry.test:5000': 'one' }, credsStore: 'other' });
  await installHelper('one', printing('ada', 'horse'));
  expect(await find('registry.test:5000')).toEqual(['ada', 'horse']);
  expect(await asked()).toBe('get\nregistry.test:5000\n');
});

it.each(['docker.io', 'index.docker.io', 'registry-1.docker.io'])(
  'asks for %s by the name that logins have',
  async (hub) => {
    await configure({ credsStore: 'store' });
    await installHelper('store', printing('ada', 'horse'));
    await find(hub);
    expect(await asked()).toBe('get\nhttps://index.docker.io/v1/\n');
  },
);

it('takes a secret of the user <token> for an identity token', async () => {
  await configure({ credsStore: 'store' });
  await installHelper('store', printing('<token>', 'horse'));
  expect(await find('registry.test')).toBe('horse');
});

it('goes on to the next place where a helper knows nothing', async () => {
  const auth = Buffer.from('ada:horse').toString('base64');
  await configure({
    credHelpers: { 'registry.test': 'one' },
    credsStore: 'store',
    auths: { 'registry.test': { auth } },
  });
  await installHelper('one', notFound);
  await installHelper('store', notFound);
  expect(await find('registry.test')).toEqual(['ada', 'horse']);
  expect(await find('other.test')).toBeUndefined();
});

it('finds nothing where nobody has ever logged in', async () => {
  expect(await find('registry.test')).toBeUndefined();
});

it('reads the folder that DOCKER_CONFIG names', async () => {
  await configure({ auths: { 'registry.test': { auth: Buffer.from('ada:horse').toString('base64') } } });
  vi.stubEnv('DOCKER_CONFIG', folder);
  expect(revealed(await dockerCredentials()('registry.test'))).toEqual(['ada', 'horse']);
});

it('asks a helper once for all, and again after five minutes', async () => {
  await configure({ credsStore: 'store' });
  await installHelper('store', printing('ada', 'horse'));
  const clock = new ManualClock();
  const credentials = dockerCredentials({ configFolder: folder, clock });
  await Promise.all(Array.from({ length: 20 }, () => credentials('registry.test')));
  await clock.advance(299_999);
  await credentials('registry.test');
  expect(await asked()).toBe('get\nregistry.test\n');
  await clock.advance(1);
  await credentials('registry.test');
  expect(await asked()).toBe('get\nregistry.test\n'.repeat(2));
});

it('asks again, once for all, when a registry refuses what it kept', async () => {
  await configure({ credsStore: 'store' });
  await installHelper('store', printing('ada', 'horse'));
  const credentials = dockerCredentials({ configFolder: folder });
  const refused = await credentials('registry.test');
  await installHelper('store', printing('ada', 'battery'));
  expect(revealed(await credentials('registry.test'))).toEqual(['ada', 'horse']);
  const renewed = await Promise.all(Array.from({ length: 20 }, () => credentials('registry.test', { refused })));
  expect(renewed.map(revealed)).toEqual(Array.from({ length: 20 }, () => ['ada', 'battery']));
  expect(revealed(await credentials('registry.test', { refused }))).toEqual(['ada', 'battery']);
  expect(await asked()).toBe('get\nregistry.test\n'.repeat(2));
});

it('asks again after a failure', async () => {
  await configure({ credsStore: 'store' });
  await installHelper('store', 'exit 1');
  const credentials = dockerCredentials({ configFolder: folder });
  await expect(credentials('registry.test')).rejects.toThrow('failed with 1');
  await installHelper('store', printing('ada', 'horse'));
  expect(revealed(await credentials('registry.test'))).toEqual(['ada', 'horse']);
});

it('says which program is missing, and where it is named', async () => {
  await configure({ credsStore: 'absent' });
  await expectFailure(
    'registry.test',
    /^docker-credential-absent, which .*config\.json .* is not on the PATH$/,
    /absent get/,
  );
});

it.each([
  ["echo 'horse' | tee /dev/stderr; exit 3", /failed with 3$/],
  ["echo 'the horse is no JSON'", /printed no login$/],
  ['echo \'{"Secret":"horse"}\'', /printed no login$/],
  ['echo horse; kill -KILL $$', /failed with a signal$/],
])('repeats nothing of what a helper printed that fails: %s', async (script, message) => {
  await configure({ credsStore: 'store' });
  await installHelper('store', script);
  await expectFailure('registry.test', message, /^try it: echo registry\.test \| docker-credential-store get/);
});

it('ends a helper that does not answer', async () => {
  await configure({ credsStore: 'store' });
  await installHelper('store', `echo $$ >'${join(folder, 'pid')}'; exec sleep 600`);
  const clock = new ManualClock();
  const work = dockerCredentials({ configFolder: folder, clock })('registry.test');
  work.catch(() => undefined);
  const pid = await vi.waitFor(
    async () => Number(await readFile(join(folder, 'pid'), 'utf8')) || expect.unreachable(),
    10_000,
  );
  await clock.advance(30_000);
  await expect(work).rejects.toThrow('did not answer within 30000 ms');
  await expect.poll(() => processIdentity(pid), { timeout: 10_000 }).toBeUndefined();
});

it('runs no program that is not named as a helper is', async () => {
  await configure({ credsStore: '../evil' });
  await expectFailure('registry.test', /is not the name of a program$/, /config\.json/);
});

it('repeats nothing of a configuration that cannot be read', async () => {
  await writeFile(join(folder, 'config.json'), '{"auths":{"registry.test":{"auth":horse}}}');
  await expectFailure(
    'registry.test',
    /config\.json is not a configuration of Docker's$/,
    /docker login registry\.test/,
  );
});
