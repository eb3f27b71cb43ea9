import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { RoutedService, Topology } from '../../ports/router.ts';
import { checkTopology } from './check-topology.ts';

const service = (overrides: Partial<RoutedService>): Topology => ({
  listen: { host: '127.0.0.1', port: 8080 },
  services: [{ name: 'api', route: { host: null, path: '/' }, ...overrides }],
});
const routed = (host: string | null, path: string) => service({ route: { host, path } });

it.each<[string, Topology]>([
  ['a path of several segments', routed(null, '/api/v1.0/')],
  ['an address as host', routed('192.0.2.1', '/')],
  ['an address of IPv6 as host', routed('[2001:db8::1]', '/')],
  ['a host of one label', routed('localhost', '/')],
  ['a snippet of anything', service({ proxy: { snippet: '} $x {' } })],
  ['a listener of IPv6', { ...service({}), listen: { host: '::', port: 0 } }],
])('lets %s through', (_, topology) => {
  expect(() => {
    checkTopology(topology);
  }).not.toThrow();
});

it.each<[string, Topology, string]>([
  ['a name', service({ name: 'Api' }), 'services.Api'],
  ['a name that ends a block', service({ name: 'a;}' }), 'services.a;}'],
  ['a path without a slash', routed(null, 'api'), 'services.api.route.path'],
  ['a path that goes up', routed(null, '/a/../b'), 'services.api.route.path'],
  ['a path that nginx would merge', routed(null, '/a//b'), 'services.api.route.path'],
  ['a path that is encoded', routed(null, '/a%20b'), 'services.api.route.path'],
  ['a path with a variable', routed(null, '/$host'), 'services.api.route.path'],
  ['a path with a quote', routed(null, '/"; return 200; #'), 'services.api.route.path'],
  ['a path with a line break', routed(null, '/a\nb'), 'services.api.route.path'],
  ['a host with a port', routed('shop.example:80', '/'), 'services.api.route.host'],
  ['a host with a directive', routed('a; return 200', '/'), 'services.api.route.host'],
  ['no replicas', service({ replicas: 0 }), 'services.api.replicas'],
  ['a body of no length', service({ proxy: { maxBodyBytes: 0 } }), 'services.api.proxy.maxBodyBytes'],
  ['a header of two words', service({ canary: { stickBy: { header: 'a b' } } }), 'services.api.canary.stickBy.header'],
  ['a cookie', service({ canary: { stickBy: { cookie: 'a-b' } } }), 'services.api.canary.stickBy.cookie'],
  [
    'a value with a variable',
    service({ canary: { match: { header: 'x', value: '$y' } } }),
    'services.api.canary.match.value',
  ],
  ['a listener by name', { ...service({}), listen: { host: 'localhost', port: 80 } }, 'listen.host'],
  ['a port', { ...service({}), listen: { host: '0.0.0.0', port: 70_000 } }, 'listen.port'],
  ['TLS without a certificate', { ...service({}), tls: { port: 443, certificates: [] } }, 'tls.certificates'],
  ['a service twice', { ...service({}), services: [...service({}).services, ...service({}).services] }, 'services.api'],
])('refuses %s, and names the place', (_, topology, place) => {
  expect(() => {
    checkTopology(topology);
  }).toThrow(expect.objectContaining({ code: 'BLUEGREEN_TOPOLOGY_REFUSED', details: { place } }) as Error);
});

it('lets no route through that could end a parameter or mean a variable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (host, path) => {
      try {
        checkTopology(routed(host, `/${path}`));
      } catch {
        return;
      }
      expect(`${host}${path}`).not.toMatch(/["\\${}#\s%]/);
    }),
    { numRuns: 500 },
  );
});
