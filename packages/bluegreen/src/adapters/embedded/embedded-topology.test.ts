import { expect, it } from 'vitest';

import type { Topology } from '../../ports/router.ts';
import { checkEmbeddedTopology } from './embedded-topology.ts';

const api = { name: 'api', route: null };
const topology: Topology = { listen: { host: '127.0.0.1', port: 0 }, services: [api] };

it('lets through what every router knows', () => {
  const canary = { stickBy: 'client-address' } as const;
  expect(() => {
    checkEmbeddedTopology({ ...topology, services: [{ ...api, canary, proxy: { snippet: undefined } }] });
  }).not.toThrow();
});

it.each<[string, Topology]>([
  ['TLS', { ...topology, tls: { port: 443, certificates: [] } }],
  ['maintenance page', { ...topology, maintenancePage: '/srv/page.html' }],
  ['maxBodyBytes', { ...topology, services: [{ ...api, proxy: { maxBodyBytes: 1 } }] }],
])('refuses %s', (what, refused) => {
  expect(() => {
    checkEmbeddedTopology(refused);
  }).toThrow(
    expect.objectContaining({
      code: 'BLUEGREEN_TOPOLOGY_REFUSED',
      message: expect.stringContaining(what) as string,
    }) as Error,
  );
});
