import { type Clock, isMaestroError, poll, silentLogger, systemClock } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { JobRunner } from '../../ports/job-runner.ts';
import type { InstanceLogs } from '../../ports/instance-logs.ts';
import type { Router } from '../../ports/router.ts';
import type { InstanceKey, Runtime } from '../../ports/runtime.ts';
import { GenerationFolder } from '../files/generation-folder.ts';
import { ControlClient } from './control-client.ts';
import { emptySchema, stateSchema } from './control-protocol.ts';
import { EmbeddedLogs } from './embedded-logs.ts';
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
  readonly logs: InstanceLogs;
  readonly jobs: JobRunner;
  /** The number of an instance's process, which leads a group of its own; null where none runs. */
  processOf(key: InstanceKey): Promise<number | null>;
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

  // Most who open an environment run no job.
  const openJobs = async () => {
    const { EmbeddedJobs } = await import('./embedded-jobs.ts');
    return new EmbeddedJobs({ layout, unpack, clock });
  };
  const runtime = new EmbeddedRuntime({ client, layout, unpack });
  const ensureRunning: EmbeddedEnvironment['ensureRunning'] = async ({ signal } = {}) => {
    if ((await answering()) === undefined) await startDaemon({ layout, answering, clock, signal });
  };

  return {
    runtime,
    logs: new EmbeddedLogs({ layout, runtime, clock }),
    router: new EmbeddedRouter({ client, generations: new GenerationFolder({ folder: stateFolder, clock }) }),
    jobs: {
      run: async (spec, call) => (await openJobs()).run(spec, call),
      end: async (job) => (await openJobs()).end(job),
    },
    processOf: async ({ service, slot }) => {
      const { observeRecords } = await import('./daemon/instance-records.ts');
      const records = await observeRecords(layout.instances, silentLogger);
      const running = records.find((one) => one.service === service && one.slot === slot && one.state === 'running');
      return running?.pid ?? null;
    },
    ensureRunning,
    shutdown: async ({ signal } = {}) => {
      await (await openJobs()).endAll();
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
