import { isMaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { engineAddress } from './engine-address.ts';
import { knowsNoswap } from './engine-facts.ts';

function failure(engine: string | undefined, environment = {}): unknown {
  try {
    return engineAddress(engine, environment);
  } catch (error) {
    return error;
  }
}

it('reads sockets and addresses of this machine', () => {
  expect(engineAddress('unix:///run/my%20docker.sock').connection).toEqual({ socketPath: '/run/my docker.sock' });
  expect(engineAddress('tcp://127.0.0.1:4711').connection).toEqual({ host: '127.0.0.1', port: 4711 });
  expect(engineAddress('tcp://[::1]').connection).toEqual({ host: '::1', port: 2375 });
  expect(engineAddress(undefined, { DOCKER_HOST: 'tcp://localhost' }).shown).toBe('tcp://localhost:2375');
});

it('sends no secret to another machine without TLS', () => {
  for (const engine of ['tcp://10.0.0.1:2375', 'tcp://127.0.0.1.example.com', 'tcp://engine']) {
    expect(isMaestroError(failure(engine), 'SECRETS_ENGINE_UNREACHABLE')).toBe(true);
  }
  expect(failure('tcp://engine', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' })).toMatchObject({
    message: expect.stringContaining('/nowhere/ca.pem') as string,
  });
});

it.each(['ssh://host', 'http://127.0.0.1', 'tcp://user@127.0.0.1', 'nonsense', 'unix://'])('refuses %s', (engine) => {
  expect(isMaestroError(failure(engine), 'SECRETS_ENGINE_UNREACHABLE')).toBe(true);
});

it.each([
  ['6.4.0', true],
  ['6.18.44-fc', true],
  ['7.0', true],
  ['6.3.13', false],
  ['5.15.0-91-generic', false],
  ['', false],
])('knows whether Linux %s keeps memory out of swap space', (kernel, knows) => {
  expect(knowsNoswap(kernel)).toBe(knows);
});
