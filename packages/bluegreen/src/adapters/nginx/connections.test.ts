import fc from 'fast-check';
import { expect, it } from 'vitest';

import { countClients, countConnections } from './connections.ts';

const table = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  // To 10.200.4.2:8080: a request, one that is being opened, a long-lived one, one that is closed, one of another port.
  '   0: 0104C80A:9C40 0204C80A:1F90 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1',
  '   1: 0104C80A:9C42 0204C80A:1F90 02 00000000:00000000 01:00000010 00000000     0        0 2 1 0 20 4 30 10 -1',
  '   2: 0104C80A:9C44 0204C80A:1F90 01 00000000:00000000 02:000A9F2B 00000000     0        0 3 1 0 20 4 30 10 -1',
  '   3: 0104C80A:9C46 0204C80A:1F90 06 00000000:00000000 03:00000BC0 00000000     0        0 4 1 0 20 4 30 10 -1',
  '   4: 0104C80A:9C48 0204C80A:1F91 01 00000000:00000000 00:00000000 00000000     0        0 5 1 0 20 4 30 10 -1',
  // Of a client at port 8080 of this machine.
  '   5: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 6 1 0 20 4 30 10 -1',
].join('\n');

const table6 =
  '   0: B80D0120000000000000000001000000:1F90 B80D0120000000000000000002000000:1F90 01 0:0 00:0 0 0 0 1 1 0 20 4 30 10 -1';

it('tells requests from long-lived connections to an address', () => {
  expect(countConnections(table, [{ host: '10.200.4.2', port: 8080 }])).toEqual({ requests: 2, connections: 1 });
  expect(countConnections(table, [{ host: '10.200.4.2', port: 8081 }])).toEqual({ requests: 1, connections: 0 });
  expect(countConnections(table, [])).toEqual({ requests: 0, connections: 0 });
});

it('knows addresses of IPv6, however short they are written', () => {
  for (const host of ['2001:db8::2', '2001:0db8:0:0:0:0:0:2']) {
    expect(countConnections(table6, [{ host, port: 8080 }])).toEqual({ requests: 1, connections: 0 });
  }
  expect(countConnections(table6, [{ host: '2001:db8::3', port: 8080 }])).toEqual({ requests: 0, connections: 0 });
});

it('counts clients of its ports, and not its own connections', () => {
  expect(countClients(table, [8080])).toBe(1);
  expect(countClients(table, [54_321])).toBe(0);
});

it('makes nothing of a text that is no table', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(countConnections(text, [{ host: '10.200.4.2', port: 8080 }])).toEqual({ requests: 0, connections: 0 });
      expect(countClients(text, [8080])).toBe(0);
    }),
  );
});
