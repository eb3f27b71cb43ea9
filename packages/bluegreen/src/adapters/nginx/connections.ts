import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

import type { InFlight } from '../../ports/router.ts';
import type { InstanceAddress } from '../../ports/runtime.ts';

const states = { established: '01', connecting: '02' };
/** The kernel waits to ask whether the other end is still there: that is how connections for long-lived requests are opened. */
const keepAliveTimer = '02';

/**
 * Counts connections that were opened to some addresses, from the text of /proc/net/tcp and tcp6 of the machine they were opened on.
 * Idle ones of a pool look like requests.
 */
export function countConnections(table: string, addresses: readonly InstanceAddress[]): InFlight {
  const wanted = new Set(addresses.flatMap(kernelNames));
  let requests = 0;
  let connections = 0;
  for (const line of table.split('\n')) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when …
    const [, , remote = '', state = '', , timer = ''] = line.trim().split(/\s+/);
    if (!wanted.has(remote) || (state !== states.established && state !== states.connecting)) continue;
    if (timer.startsWith(keepAliveTimer)) connections += 1;
    else requests += 1;
  }
  return { requests, connections };
}

/** Counts connections of clients to ports, in the same text. */
export function countClients(table: string, ports: readonly number[]): number {
  const wanted = new Set(ports.map(portName));
  return table.split('\n').filter((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === states.established && wanted.has(local.slice(local.lastIndexOf(':')));
  }).length;
}

/** The connections of the machine, or container, that a process sees; none where it does not run. */
export async function readTables(pid: number | null): Promise<string> {
  if (pid === null) return '';
  const tables = ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => ''));
  return (await Promise.all(tables)).join('\n');
}

/** As the kernel writes an address: 32-bit words as this machine keeps them, which for addresses in use is with the lowest byte first. */
function kernelNames({ host, port }: InstanceAddress): readonly string[] {
  const suffix = portName(port);
  if (isIPv4(host)) {
    const word = wordOf(host.split('.').map(Number));
    return [`${word}${suffix}`, `0000000000000000FFFF0000${word}${suffix}`];
  }
  const bytes = bytesOfIPv6(host);
  const words = [0, 4, 8, 12].map((start) => wordOf(bytes.slice(start, start + 4)));
  return [`${words.join('')}${suffix}`];
}

function portName(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function wordOf(bytes: readonly number[]): string {
  return bytes
    .toReversed()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function bytesOfIPv6(host: string): readonly number[] {
  const [head = '', tail] = host.split('::');
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [
    ...groups(head),
    ...(tail === undefined ? [] : Array.from({ length: missing }, () => '0')),
    ...groups(tail),
  ];
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
