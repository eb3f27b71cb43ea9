import { messageOf } from '@maestro/core';

import { debianVersion } from './debian-version.ts';
import { howToGet } from './errors.ts';
import { type FoundServer, namedServer, usualServer } from './find-server.ts';
import { hasServer, type Part } from './part.ts';
import { findProgramsOf, isInstallable } from './programs.ts';
import { runningAndAnswering } from './shared-server.ts';
import type { StateFolder } from './state-folder.ts';

/** What is known of a part on this machine, without changing anything. */
export type Finding = {
  readonly part: string;
  readonly title: string;
  /** Null where nobody says, as for a package whose lists were never fetched. */
  readonly version: string | null;
} & (
  | { readonly state: 'running'; readonly address: string }
  | { readonly state: 'available'; readonly programs: readonly string[] }
  | { readonly state: 'installable'; readonly packages: readonly string[] }
  | { readonly state: 'missing'; readonly get: string }
);

/** Looks in the order in which a part is taken: named by its variable, running, installed, installable. */
export async function findPart(part: Part, state: StateFolder): Promise<Finding> {
  const { name, title } = part;
  try {
    const running = await findRunning(part, state);
    if (running !== undefined) return { part: name, title, state: 'running', ...running };
    const programs = findProgramsOf(part);
    if (programs !== undefined) {
      const version = await part.version(programs);
      return { part: name, title, version, state: 'available', programs: Object.values(programs) };
    }
  } catch (error) {
    return { part: name, title, version: null, state: 'missing', get: messageOf(error) };
  }
  if (isInstallable(part)) {
    const version = await debianVersion(part.debianPackages[0] ?? '');
    return { part: name, title, version, state: 'installable', packages: part.debianPackages };
  }
  return { part: name, title, version: null, state: 'missing', get: howToGet(part) };
}

async function findRunning(part: Part, state: StateFolder): Promise<FoundServer | undefined> {
  const named = part.kind === 'shared' ? await namedServer(part) : undefined;
  const found = named ?? (hasServer(part) ? await runningAndAnswering(part, state) : undefined);
  const running = found ?? (part.kind === 'shared' ? await usualServer(part) : undefined);
  return running === undefined ? undefined : { address: running.address, version: running.version };
}
