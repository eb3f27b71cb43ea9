import { systemClock, withDeadline } from '@maestro/core';
import Docker from 'dockerode';

/** Without an answer for this long a request fails; forcing a container out takes the engine a few seconds. */
const requestTimeoutMs = 60_000;

/** Where an engine is reached. */
export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Of `unix:///…` or `tcp://…`. */
export function parseAddress(address: string): EngineAddress {
  const { protocol, hostname, port, pathname } = new URL(address);
  if (protocol === 'unix:') return { socketPath: decodeURIComponent(pathname) };
  if (protocol === 'tcp:') return { host: hostname, port: port === '' ? 2375 : Number(port) };
  throw new Error(`a Docker Engine is reached at unix:///… or tcp://…, not at ${protocol}`);
}

/** A client of the engine at an address, whatever the environment says of another one. */
export function connect(address: string): Docker {
  // What is not given here the client takes from DOCKER_HOST, and a host before a socket.
  return new Docker({ protocol: 'http', host: '', timeout: requestTimeoutMs, ...parseAddress(address) });
}

/** The version of the engine at an address; rejects while none answers. */
export async function versionAt(address: string, signal: AbortSignal): Promise<string> {
  const { Version } = await withDeadline(() => connect(address).version(), {
    deadlineMs: 10_000,
    clock: systemClock,
    signal,
    onExpired: () => new Error('no answer'),
  });
  return Version;
}
