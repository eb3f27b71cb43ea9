import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { endProcessesOfFolder } from '../src/processes-of-folder.ts';
import { removeFolder } from '../src/remove-folder.ts';
import type { RunningPart } from '../src/running-part.ts';

/** What an engine may leave on a machine, as text and in order, so that two observations can be compared. */
export interface Observation {
  readonly links: readonly string[];
  readonly rules: readonly string[];
  readonly ipForward: string;
  readonly mounts: readonly string[];
  readonly listening: readonly string[];
  readonly files: readonly string[];
  readonly processes: readonly number[];
}

export interface Calls {
  /** Starts the engine of a state folder, or finds it running. */
  readonly use: (stateFolder: string) => Promise<RunningPart>;
  readonly leave: (stateFolder: string) => Promise<null>;
  /** Starts an engine as others do, which this project's state folders know nothing of; resolves to its process. */
  readonly startForeign: (folder: string) => Promise<number>;
  /** Tries to start it as a user without rights; resolves to why that failed. */
  readonly useWithoutRights: () => Promise<string>;
  readonly observe: (stateFolder: string) => Promise<Observation>;
}

export type Reply = { readonly value: unknown } | { readonly error: string };

/** A machine of its own, as far as an engine can tell, with a state folder of its own. */
export interface IsolatedHost extends AsyncDisposable {
  readonly use: () => Promise<RunningPart>;
  readonly leave: () => Promise<null>;
  readonly startForeign: () => Promise<number>;
  readonly useWithoutRights: () => Promise<string>;
  readonly observe: () => Promise<Observation>;
}

/**
 * A process with network interfaces, packet rules and mounts of its own: an engine that it starts has nothing to do with
 * another one on this machine, and whatever it leaves shows.
 */
export async function isolatedHost(): Promise<IsolatedHost> {
  const folder = await mkdtemp('/tmp/mp-');
  const state = join(folder, 'state');
  const child = fork(join(import.meta.dirname, 'fixtures', 'isolated-host.fixture.ts'), {
    execPath: 'unshare',
    execArgv: ['--net', '--mount', '--propagation', 'private', process.execPath, '--conditions=@maestro/source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    use: () => call(child, 'use', state),
    leave: () => call(child, 'leave', state),
    startForeign: () => call(child, 'startForeign', join(folder, 'foreign')),
    useWithoutRights: () => call(child, 'useWithoutRights'),
    observe: () => call(child, 'observe', state),
    [Symbol.asyncDispose]: async () => {
      await call(child, 'leave', state);
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
      await endProcessesOfFolder(folder, { patienceMs: 0 });
      await removeFolder(folder);
    },
  };
}

async function call<Name extends keyof Calls>(
  child: ChildProcess,
  name: Name,
  ...args: Parameters<Calls[Name]>
): Promise<Awaited<ReturnType<Calls[Name]>>> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(120_000)]);
  const died = once(child, 'exit', { signal }).then(() => [{ error: 'the isolated host died' }]);
  const replied = once(child, 'message', { signal });
  child.send({ name, args });
  try {
    const [reply] = (await Promise.race([replied, died])) as [Reply];
    if ('error' in reply) throw new Error(`${name}: ${reply.error}`);
    return reply.value as Awaited<ReturnType<Calls[Name]>>;
  } finally {
    waiting.abort();
    await Promise.allSettled([replied, died]);
  }
}
