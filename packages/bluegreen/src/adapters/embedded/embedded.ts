import { type Clock, isMaestroError, poll, systemClock } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { Router } from '../../ports/router.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { GenerationFolder } from '../files/generation-folder.ts';
import { ControlClient } from './control-client.ts';
import { emptySchema, stateSchema } from './control-protocol.ts';
import { EmbeddedRouter } from './embedded-router.ts';
import { EmbeddedRuntime, type EmbeddedRuntimeOptions } from './embedded-runtime.ts';
import { startDaemon } from './start-daemon.ts';
import { layoutOf } from './state-layout.ts';

export interface EmbeddedOptions extends Pick<EmbeddedRuntimeOptions, 'unpack'> {
  /** An absolute path; everything that outlives the daemon is kept in it. */
  readonly stateFolder: string;
  readonly clock?: Clock | undefined;
}

/** An environment on this machine that needs nothing but Node. */
export interface EmbeddedEnvironment {
  readonly runtime: Runtime;
  readonly router: Router;
  /** Starts the daemon where none runs; it outlives this process. Throws `BLUEGREEN_DAEMON_FAILED`. */
  ensureRunning(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Ends the daemon and every service, the live ones too; does nothing where nothing runs. */
  shutdown(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** Opens an embedded environment; starts nothing yet. */
export function openEmbedded({ stateFolder, unpack, clock = systemClock }: EmbeddedOptions): EmbeddedEnvironment {
  const layout = layoutOf(stateFolder);
  const client = new ControlClient({ socket: layout.socket, clock });
  const answering = async () => {
    try {
      return (await client.call({ operation: '/state', schema: stateSchema, deadlineMs: 2_000 })).pid;
    } catch (error) {
      if (isMaestroError(error, 'BLUEGREEN_DAEMON_NOT_RUNNING')) return undefined;
      throw error;
    }
  };

  const runtime = new EmbeddedRuntime({ client, layout, unpack });
  const ensureRunning: EmbeddedEnvironment['ensureRunning'] = async ({ signal } = {}) => {
    if ((await answering()) === undefined) await startDaemon({ layout, answering, clock, signal });
  };

  return {
    runtime,
    router: new EmbeddedRouter({ client, generations: new GenerationFolder({ folder: stateFolder, clock }) }),
    ensureRunning,
    shutdown: async ({ signal } = {}) => {
      if ((await answering()) === undefined) {
        // A daemon that was killed has left its services behind, and it takes another one to end them.
        if ((await runtime.observe({ signal })).every(({ state }) => state !== 'running')) return;
        await ensureRunning({ signal });
      }
      await client.call({ operation: '/shutdown', schema: emptySchema, deadlineMs: 2_000, signal });
      const down = await poll({
        probe: async () => (await answering()) === undefined,
        accept: Boolean,
        intervalMs: 25,
        deadlineMs: 30_000,
        clock,
        signal,
      });
      if (!down.accepted) {
        throw new BlueGreenError('BLUEGREEN_DAEMON_FAILED', 'the daemon did not end in 30 s', {
          hint: `look at ${layout.daemonLog}`,
        });
      }
    },
  };
}
