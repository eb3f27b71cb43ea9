import { partMissing } from './errors.ts';
import { namedServer, reachableServers, usualServer } from './find-server.ts';
import { hasServer, type OwnPart, type Part, type ProgramPaths, type SharedPart } from './part.ts';
import { ensurePrograms } from './programs.ts';
import { liveRuns } from './runs.ts';
import { leaveServer, runningAndAnswering, stopUnused, useServer } from './shared-server.ts';
import type { StateFolder } from './state-folder.ts';
import { isLeftover } from './suite-name.ts';

export interface UsePartOptions {
  readonly state: StateFolder;
  /** A run's id, or `standingUser`. */
  readonly user: string;
  /** Told about what takes long: installing and starting. */
  readonly say: (line: string) => void;
}

/**
 * The address of a server that suites may use: the one that the part's variable names, one that was started before, one
 * that runs on this machine anyway, else a new one, after installing it where that may be done.
 */
export async function useSharedPart(part: SharedPart, options: UsePartOptions): Promise<string> {
  const named = await namedServer(part);
  if (named !== undefined) return named.address;
  const started = await runningAndAnswering(part, options.state);
  const usual = started === undefined ? await usualServer(part) : undefined;
  return (usual ?? (await useServer({ part, ...options }))).address;
}

/** The programs of a part that each suite starts for itself. */
export async function useOwnPart(part: OwnPart, options: Omit<UsePartOptions, 'user'>): Promise<ProgramPaths> {
  const programs = await ensurePrograms(part, options);
  if (programs === undefined) throw partMissing(part);
  return programs;
}

/** Ends the use of every part by `user`; what nobody uses any more is stopped. */
export async function leaveParts(parts: readonly Part[], { state, user }: Omit<UsePartOptions, 'say'>): Promise<void> {
  for (const part of parts.filter(hasServer)) await leaveServer({ part, state, user });
}

/** Removes what killed runs left: servers that nobody uses, and their suites' data on those that go on. */
export async function removeLeftovers(parts: readonly Part[], state: StateFolder): Promise<void> {
  for (const part of parts.filter(hasServer)) await stopUnused(part, state);
  const live = await liveRuns(state);
  for (const part of parts) {
    if (part.kind !== 'shared') continue;
    for (const { address } of await reachableServers(part, state)) {
      await part.removeSuites({ address, isLeftover: (name) => isLeftover(name, live, state) });
    }
  }
}
