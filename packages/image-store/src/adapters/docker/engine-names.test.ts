import { describe, expect, it } from 'vitest';

import { EngineNames } from './engine-names.ts';

describe('what the engine calls a repository', () => {
  it.each([
    ['http://127.0.0.1:5000', undefined, '127.0.0.1:5000/shop-api'],
    ['https://registry.example.com', 'team/shop', 'registry.example.com/team/shop/shop-api'],
    ['https://registry.example.com:5000', 'team', 'registry.example.com:5000/team/shop-api'],
    ['https://registry', 'team', 'registry:443/team/shop-api'],
    ['http://localhost', undefined, 'localhost/shop-api'],
    ['https://registry-1.docker.io', 'team', 'team/shop-api'],
    ['https://registry-1.docker.io', 'library', 'shop-api'],
    ['https://registry-1.docker.io', undefined, 'shop-api'],
  ])('in %s, namespace %s: %s', (registry, namespace, name) => {
    expect(new EngineNames({ registry, namespace }).of('shop-api')).toBe(name);
  });

  it('is the name itself without an image repository', () => {
    const names = new EngineNames(undefined);
    expect(names.of('shop-api')).toBe('shop-api');
    expect(names.host).toBeUndefined();
  });

  it('is nothing that leads elsewhere', () => {
    expect(() => new EngineNames(undefined).of('../shop')).toThrow('cannot be the name');
    expect(() => new EngineNames({ registry: 'https://example.com', namespace: 'a//b' })).toThrow('cannot be the name');
    expect(() => new EngineNames({ registry: 'example.com' })).toThrow('address of a registry');
  });
});

it.each([
  ['node:24-bookworm-slim', 'docker.io'],
  ['team/api', 'docker.io'],
  ['docker.io/team/api', 'docker.io'],
  ['localhost/api', 'localhost'],
  ['127.0.0.1:5000/api:1', '127.0.0.1:5000'],
  [`public.ecr.aws/x/y@sha256:${'0'.repeat(64)}`, 'public.ecr.aws'],
])('the engine fetches %s from %s', (reference, host) => {
  expect(EngineNames.hostOf(reference)).toBe(host);
});
