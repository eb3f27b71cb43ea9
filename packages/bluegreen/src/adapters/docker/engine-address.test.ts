import { isMaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { engineAddress } from './engine-address.ts';

it('is the one that is named, else that of DOCKER_HOST, else the usual socket', () => {
  const environment = { DOCKER_HOST: 'tcp://10.0.0.1:4000' };
  expect(engineAddress({ engine: 'unix:///run/my%20docker.sock' }, environment).connection).toEqual({
    socketPath: '/run/my docker.sock',
  });
  expect(engineAddress({}, environment)).toMatchObject({
    shown: 'tcp://10.0.0.1:4000',
    connection: { host: '10.0.0.1', port: 4000 },
  });
  expect(engineAddress({}, {}).shown).toMatch(/^unix:\/\/.*\/docker\.sock$/);
  expect(engineAddress({ engine: 'tcp://[::1]' }, {}).connection).toEqual({ host: '::1', port: 2375 });
});

it.each(['ssh://host', 'docker.sock', 'unix://', 'tcp://user@host', 'http://host'])('is not %s', (engine) => {
  expect(() => engineAddress({ engine }, {})).toThrow(
    expect.toSatisfy((error) => isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')),
  );
});

it('is refused where its certificates are wanted and missing', () => {
  const environment = {
    DOCKER_HOST: 'tcp://10.0.0.1',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/nowhere/there',
  };
  expect(() => engineAddress({}, environment)).toThrow(/DOCKER_TLS_VERIFY is set/);
  expect(engineAddress({ engine: 'tcp://10.0.0.2' }, environment).certificates).toBeUndefined();
});
