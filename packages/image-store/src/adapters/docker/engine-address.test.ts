import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { isMaestroError, Redacted } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { engineAddress } from './engine-address.ts';

const certificates = { ca: 'ca', cert: 'cert', key: new Redacted('key') };

describe('the address of an engine', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }],
    ['tcp://build.example.com:2375', { host: 'build.example.com', port: 2375, certificates: undefined }],
    ['tcp://127.0.0.1', { host: '127.0.0.1', port: 2375, certificates: undefined }],
  ])('%s', (engine, expected) => {
    expect(engineAddress({ engine }, { DOCKER_HOST: 'tcp://elsewhere:1' })).toMatchObject(expected);
    expect(engineAddress({}, { DOCKER_HOST: engine })).toMatchObject(expected);
  });

  it('is the usual socket where nobody says another one', () => {
    for (const environment of [{}, { DOCKER_HOST: '' }]) {
      expect(engineAddress({}, environment).shown).toMatch(/^unix:\/\/.*docker\.sock$/);
    }
  });

  it('has the port for TLS and the certificates that it is given', () => {
    const address = engineAddress({ engine: 'tcp://build.example.com', certificates });
    expect(address).toMatchObject({ shown: 'tcp://build.example.com:2376', port: 2376, certificates });
  });

  it("takes Docker's certificates with Docker's own address only", () => {
    const folder = mkdtempSync(join(tmpdir(), 'maestro-engine-'));
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${name}.pem`), `the ${name}`);
    const environment = { DOCKER_HOST: 'tcp://a:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const address = engineAddress({}, environment);
    expect(address).toMatchObject({ certificates: { ca: 'the ca', cert: 'the cert' } });
    expect(inspect(address, { depth: null })).not.toContain('the key');
    expect(engineAddress({ engine: 'tcp://b:2375' }, environment)).toMatchObject({ certificates: undefined });
  });

  it.each([
    ['ssh://me@build.example.com', 'ssh -nNT -L'],
    ['build.example.com:2375', 'docker context ls'],
    ['https://build.example.com', 'docker context ls'],
    ['tcp://user:password@build.example.com', 'docker context ls'],
    ['unix://', 'docker context ls'],
  ])('is not %s', (engine, hint) => {
    const open = () => engineAddress({ engine });
    expect(open).toThrow(
      expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_ENGINE_UNREACHABLE') && !error.retryable) as Error,
    );
    expect(open).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) as string }) as Error);
    expect(open).not.toThrow('password');
  });

  it('is none where its certificates are missing', () => {
    const environment = { DOCKER_HOST: 'tcp://a:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    expect(() => engineAddress({}, environment)).toThrow(/DOCKER_TLS_VERIFY.*\/nowhere\/ca\.pem/);
  });
});
