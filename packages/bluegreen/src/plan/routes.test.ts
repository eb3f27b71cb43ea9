import { expect, it } from 'vitest';

import { matchRoute } from './routes.ts';

const services = [
  { name: 'site', route: { host: null, path: '/' } },
  { name: 'api', route: { host: null, path: '/api' } },
  { name: 'admin', route: { host: 'admin.example.com', path: '/' } },
  { name: 'worker', route: null },
];

it.each([
  ['any path goes to the root route', 'example.com', '/about', 'site'],
  ['the longest prefix wins', 'example.com', '/api/items?page=2', 'api'],
  ['a prefix matches itself', 'example.com', '/api', 'api'],
  ['a prefix ends at a segment', 'example.com', '/apiary', 'site'],
  ['a query is no part of the path', 'example.com', '/?next=/api', 'site'],
  ['a named host comes before any host', 'admin.example.com', '/api', 'admin'],
  ['the port of the host does not matter', 'ADMIN.example.com:8080', '/', 'admin'],
  ['an address of IPv6 keeps its colons', '[::1]:8080', '/', 'site'],
])('%s', (_, host, url, expected) => {
  expect(matchRoute(services, { host, url })).toBe(expected);
});

it('finds nothing for a request no route covers', () => {
  expect(matchRoute(services.slice(2), { host: 'example.com', url: '/' })).toBeUndefined();
  expect(matchRoute([], { host: undefined, url: undefined })).toBeUndefined();
});
