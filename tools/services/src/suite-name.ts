import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

import { type StateFolder, stateFolder } from './state-folder.ts';

/**
 * Names of suites tell, on a server that several machines and users share, whose they are: `mt`, 4 digits for the
 * machine and the state folder that knows their runs, 6 for the run, 4 for the suite. Only lower-case letters and digits,
 * so that the same name does for a database, a Docker label, a network and a path in an image repository.
 */
const pattern = /^mt(?<origin>[0-9a-f]{4})(?<run>[0-9a-f]{6})[0-9a-f]{4}/;

export function newRunId(): string {
  return randomBytes(3).toString('hex');
}

export function newSuiteName(runId: string, state: StateFolder = stateFolder()): string {
  return `mt${originOf(state)}${runId}${randomBytes(2).toString('hex')}`;
}

/** Whether a name, or what it begins with, is that of a suite whose run was this state folder's and is over. */
export function isLeftover(name: string, live: ReadonlySet<string>, state: StateFolder = stateFolder()): boolean {
  const { origin, run } = pattern.exec(name)?.groups ?? {};
  return origin === originOf(state) && run !== undefined && !live.has(run);
}

function originOf({ path }: StateFolder): string {
  return createHash('sha256').update(`${machineName()}:${path}`).digest('hex').slice(0, 4);
}

function machineName(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8');
  } catch {
    return hostname();
  }
}
