import { messageOf } from '@maestro/core';

import { unreachable } from './errors.ts';
import type { SharedPart } from './part.ts';
import { runningAndAnswering } from './shared-server.ts';
import type { StateFolder } from './state-folder.ts';

export interface FoundServer {
  readonly address: string;
  readonly version: string | null;
}

/** The server that the part's variable names; rejects when that one does not answer, and falls back to no other. */
export async function namedServer({ name, variable, server }: SharedPart): Promise<FoundServer | undefined> {
  const address = process.env[variable];
  if (address === undefined) return undefined;
  try {
    return { address, version: await server.ask(address, AbortSignal.timeout(10_000)) };
  } catch (error) {
    throw unreachable(name, variable, messageOf(error));
  }
}

/** One that runs on this machine without Maestro's doing and may be used unasked. */
export async function usualServer({ server, usualAddresses }: SharedPart): Promise<FoundServer | undefined> {
  for (const address of usualAddresses?.() ?? []) {
    const version = await server.ask(address, AbortSignal.timeout(3_000)).catch(() => undefined);
    if (version !== undefined) return { address, version };
  }
  return undefined;
}

/** Every server with data of suites on it that can be reached now. */
export async function reachableServers(part: SharedPart, state: StateFolder): Promise<readonly FoundServer[]> {
  const candidates = [
    await namedServer(part).catch(() => undefined),
    await runningAndAnswering(part, state),
    await usualServer(part),
  ];
  return candidates.filter((server) => server !== undefined);
}
