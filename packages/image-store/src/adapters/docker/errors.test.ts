import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { EngineFault } from './engine-fault.ts';
import { buildFailed, engineUnreachable, transferFailed } from './errors.ts';

const address = { shown: 'unix:///run/docker.sock', socketPath: '/run/docker.sock' };

it.each([
  ['EACCES', false, /usermod .*docker/],
  ['ECONNREFUSED', true, /docker --host unix:\/\/\/run\/docker\.sock version/],
  ['ENOENT', true, /systemctl start docker/],
])('an engine that is away for %s', (code, retryable, hint) => {
  const error = engineUnreachable(address, Object.assign(new Error(`connect ${code}`), { code }));
  expect(error).toMatchObject({ code: 'IMAGE_STORE_ENGINE_UNREACHABLE', retryable });
  expect(error.hint).toMatch(hint);
});

describe('a transfer that failed', () => {
  const wanted = { address, direction: 'pull', host: 'docker.io', reference: 'node:24', what: 'pull node:24' } as const;
  const failed = (message: string) => transferFailed(wanted, new EngineFault(message));

  // What engines say, word by word.
  it.each([
    ['Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout', true],
    ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', true],
    ['dial tcp: lookup registry.example.com on 127.0.0.11:53: no such host', true],
    ['toomanyrequests: You have reached your pull rate limit.', true],
    ['received unexpected HTTP status: 503 Service Unavailable', true],
    ['unexpected EOF', true],
    ['manifest for node:99 not found: manifest unknown: manifest unknown', false],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', false],
  ])('%s', (message, retryable) => {
    expect(failed(message)).toMatchObject({
      code: 'IMAGE_STORE_PULL_FAILED',
      retryable,
      hint: expect.stringContaining('docker --host unix:///run/docker.sock pull node:24') as string,
    });
  });

  it.each([
    "pull access denied for team/api, repository does not exist or may require 'docker login': denied: requested access",
    'Head "https://registry.example.com/v2/api/manifests/1": unauthorized: authentication required',
    'Head "https://registry.example.com/v2/api/manifests/1": no basic auth credentials',
    'denied: requested access to the resource is denied',
  ])('for the login: %s', (message) => {
    expect(failed(message)).toMatchObject({ retryable: false, hint: expect.stringMatching(/^docker login/) as string });
  });
});

it('a build that failed tells how to repeat it, without the values of its arguments', () => {
  const request = {
    service: 'api',
    repository: 'shop-api',
    tags: ['latest'],
    context: Readable.from([]),
    dockerfile: "it's/Dockerfile",
    target: 'run time',
    args: { TOKEN: 'canary', KIND: 'x' },
    labels: {},
    platform: 'linux/arm64',
  };
  const output = { step: 'RUN npm ci', lastLines: ['npm error', 'code 1'] };
  const error = buildFailed(request, { address }, output, new EngineFault('it returned 1'));
  expect(error).toMatchObject({
    message: 'the build of api failed at "RUN npm ci": it returned 1; it printed last:\nnpm error\ncode 1',
    hint:
      'repeat it alone, in its build context: docker --host unix:///run/docker.sock build ' +
      "--file 'it'\\''s/Dockerfile' --target 'run time' --platform linux/arm64 --build-arg TOKEN --build-arg KIND .",
  });
});
