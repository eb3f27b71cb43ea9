import { afterEach, describe, expect, it, vi } from 'vitest';

import { connect, parseAddress } from './connection.ts';

describe('the address of an engine', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is a socket or a host with a port, 2375 where none is named', () => {
    expect(parseAddress('unix:///run/docker.sock')).toEqual({ socketPath: '/run/docker.sock' });
    expect(parseAddress('unix:///run/my%20docker.sock')).toEqual({ socketPath: '/run/my docker.sock' });
    expect(parseAddress('tcp://10.0.0.1')).toEqual({ host: '10.0.0.1', port: 2375 });
    expect(parseAddress('tcp://10.0.0.1:4000')).toEqual({ host: '10.0.0.1', port: 4000 });
  });

  it('is no other protocol', () => {
    expect(() => parseAddress('ssh://host')).toThrow(/unix:.*tcp:.*ssh:/);
  });

  it('is the one given, not the one that DOCKER_HOST names', () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:2375');
    expect(connect('unix:///run/docker.sock').modem).toMatchObject({ socketPath: '/run/docker.sock' });
  });
});
