import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError, poll, Redacted, systemClock } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { contextOf } from './build-contexts.ts';
import { EngineFront } from './engine-front.ts';

const repository = 'shop-api';
const digest = `sha256:${'0'.repeat(64)}`;

const build = {
  service: 'api',
  repository,
  tags: ['latest'],
  dockerfile: 'Dockerfile',
  args: {},
  labels: {},
};

/** Everything that asks the engine first thing. */
const everything = ({ store, builder, engine }: ReturnType<typeof openDockerEngine>) => ({
  list: () => store.list({ repository }),
  resolve: () => store.resolve({ repository, reference: digest }),
  retag: () => store.retag({ repository, digest, tag: 'stable' }),
  remove: () => store.remove({ repository, digest }),
  unpack: () => store.unpack({ repository, digest, folder: '/nowhere/there' }),
  build: () => builder.build({ ...build, context: contextOf({ Dockerfile: 'FROM scratch' }) }),
  resolveBase: () => builder.resolveBase({ reference: 'node:24' }),
  push: () => engine.push({ repository, tag: 'latest' }),
  pull: () => engine.pull({ repository, digest }),
});

async function expectUnreachable(work: Promise<unknown>, retryable = true): Promise<void> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(isMaestroError(error, 'IMAGE_STORE_ENGINE_UNREACHABLE')).toBe(true);
  expect(error).toMatchObject({ retryable, hint: expect.stringContaining('docker --host') as string });
}

/** A process that listens as an engine does, and answers nothing. */
async function startStandIn() {
  const socket = join(await mkdtemp(join(tmpdir(), 'maestro-engine-')), 'docker.sock');
  const program = `require('node:http').createServer(() => console.log('asked')).listen(${JSON.stringify(socket)})`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const probe = () => Promise.resolve(existsSync(socket));
  await poll({ probe, accept: (there) => there, intervalMs: 10, deadlineMs: 10_000, clock: systemClock });
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { engine: `unix://${socket}`, asked: once(child.stdout, 'data'), kill };
}

describe('an engine that is away', () => {
  it.each(Object.keys(everything(openDockerEngine({ engine: 'tcp://127.0.0.1:1' }))))(
    'cannot be reached to %s',
    async (name) => {
      const repositories = { registry: 'https://registry.example.com' };
      for (const engine of ['unix:///nowhere/docker.sock', 'tcp://127.0.0.1:1']) {
        const work = everything(openDockerEngine({ engine, repositories }));
        await expectUnreachable(work[name as keyof typeof work]());
      }
    },
  );

  it('was killed: in the middle of a request and before the next one', async () => {
    const { engine, asked, kill } = await startStandIn();
    const { store } = openDockerEngine({ engine });
    const listing = expectUnreachable(store.list({ repository }));
    await asked;
    await kill();
    await listing;
    await expectUnreachable(store.list({ repository }));
  });

  it('is asked again which builder it has when it is back', async () => {
    await using front = await EngineFront.open();
    const { builder } = openDockerEngine({ engine: front.address });
    const ask = () => builder.build({ ...build, context: contextOf({ Dockerfile: 'FROM scratch' }) });
    front.put(/_ping/, (_, response) => {
      response.destroy();
    });
    await expectUnreachable(ask());
    front.put(/_ping/, (_, response) => {
      response.writeHead(200, { 'api-version': '1.41', ostype: 'linux' }).end('OK');
    });
    await expect(ask()).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_BUILD_FAILED'));
    expect(front.requests.at(-1)).toMatch(/^POST \/build\?version=2/);
  });
});

describe.each([
  ['1.41', undefined, 'linux', true],
  ['1.38', undefined, 'linux', false],
  ['1.41', '1', 'linux', false],
  ['1.44', '2', 'linux', true],
  ['1.41', undefined, 'windows', false],
])('an engine of API %s with the builder %s on %s', (api, version, ostype, isBuildKit) => {
  it(`builds ${isBuildKit ? 'with' : 'without'} BuildKit`, async () => {
    await using front = await EngineFront.open();
    front.put(/_ping/, (_, response) => {
      const said = version === undefined ? {} : { 'builder-version': version };
      response.writeHead(200, { 'api-version': api, ostype, ...said }).end('OK');
    });
    const { builder } = openDockerEngine({ engine: front.address });
    await builder.build({ ...build, context: contextOf({ Dockerfile: 'FROM scratch' }) }).catch(() => undefined);
    expect(front.requests.at(-1)?.includes('version=2')).toBe(isBuildKit);
  });
});

describe('an answer that is none', () => {
  it.each([
    ['a page', 200, '<html></html>'],
    ['nothing', 200, ''],
    ['half of it', 200, '[{"Id":"sha256:'],
    ['something else', 200, '{"message":"hello"}'],
    ['a failure', 500, '{"message":"the disk is full"}'],
    ['a page of a proxy', 502, '<html></html>'],
  ])('is %s', async (_, status, body) => {
    await using front = await EngineFront.open();
    front.put(/images/, (_incoming, response) => {
      response.writeHead(status).end(body);
    });
    const { store } = openDockerEngine({ engine: front.address });
    const listing = store.list({ repository });
    await expect(listing).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_ENGINE_FAILED'));
    const resolving = store.resolve({ repository, reference: 'latest' });
    await expect(resolving).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_ENGINE_FAILED'));
  });

  it('is one that is cut', async () => {
    await using front = await EngineFront.open();
    front.put(/images/, (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('[', () => response.destroy());
    });
    const listing = openDockerEngine({ engine: front.address }).store.list({ repository });
    await expect(listing).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_ENGINE_FAILED'));
  });
});

describe('an engine behind TLS', () => {
  it('is asked with the certificates it was opened with, and by nobody without them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-engine-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const ca = await readFile(cert, 'utf8');
    const options = { key: await readFile(key), cert: ca, ca, requestCert: true, rejectUnauthorized: true };
    const server = createServer(options, (_, response) => response.end('[]')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const engine = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const certificates = { ca, cert: ca, key: new Redacted(await readFile(key, 'utf8')) };
    expect(await openDockerEngine({ engine, certificates }).store.list({ repository })).toEqual([]);
    await expectUnreachable(openDockerEngine({ engine }).store.list({ repository }));
    server.closeAllConnections();
    server.close();
  });
});
