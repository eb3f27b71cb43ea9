import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';

import { type Clock, type Logger, messageOf, poll } from '@maestro/core';
import { holdExclusively } from '@maestro/core/exclusive-hold';

import { liveSlot } from '../../../plan/generation.ts';
import { GenerationFolder } from '../../files/generation-folder.ts';
import type { EmbeddedInstance } from '../control-protocol.ts';
import { layoutOf, type StateLayout } from '../state-layout.ts';
import { type Daemon, serveControl } from './control-server.ts';
import { Listeners } from './listeners.ts';
import { LiveGeneration } from './live-generation.ts';
import { Proxy } from './proxy.ts';
import { Supervisor } from './supervisor.ts';

export interface DaemonOptions {
  readonly stateFolder: string;
  /** Shuts it down. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

const shutdownMs = { drain: 5_000, stop: 10_000, farewell: 1_000 };

/**
 * Runs an embedded environment until it is told to shut down: takes over what an earlier daemon left running,
 * listens where that one listened, routes by the generation on disk, and obeys the control socket.
 * Returns false at once where another daemon already does.
 */
export async function runDaemon(options: DaemonOptions): Promise<boolean> {
  const layout = layoutOf(options.stateFolder);
  await mkdir(layout.folder, { recursive: true, mode: 0o700 });
  using hold = holdExclusively(layout.daemonLock);
  if (hold === undefined) return false;
  await runAlone(options, layout);
  return true;
}

async function runAlone({ signal, clock, logger }: DaemonOptions, layout: StateLayout): Promise<void> {
  const live = new LiveGeneration(new GenerationFolder({ folder: layout.folder, clock }), logger);
  const supervisor = new Supervisor({
    recordsFile: layout.instances,
    logFolder: layout.logs,
    generation: () => live.current(),
    reservedPorts: () => listeners.ports(),
    onGone: (key) => {
      proxy.forget(key);
    },
    clock,
    logger,
  });
  const listeners: Listeners = await Listeners.load({
    file: layout.topology,
    proxy: () => proxy,
    isLive: (service) => liveSlot(live.current(), service) !== undefined,
    instancePorts: () => supervisor.instances().map(portOf),
    logger,
  });
  const proxy: Proxy = new Proxy({
    live,
    addressOf: (key) => supervisor.addressOf(key),
    canaryRuleOf: (service) => listeners.canaryRuleOf(service),
    previewKey: listeners.previewKey,
    logger,
  });
  const shutdown = new AbortController();
  const daemon: Daemon = {
    supervisor,
    proxy,
    state: () => ({
      pid: process.pid,
      addresses: listeners.addresses(),
      instances: [...supervisor.instances()],
      previewKey: listeners.previewKey,
    }),
    apply: async (topology) => {
      await listeners.apply(topology);
      return listeners.addresses();
    },
    requestShutdown: () => {
      shutdown.abort();
    },
  };

  await supervisor.recover();
  await listeners.resume().catch((error: unknown) => {
    // The control socket must come up all the same: through it a deployer can name another port.
    logger.error('the proxy cannot listen where it did', { error: messageOf(error) });
  });
  const control = await serveControl({ socket: layout.socket, daemon, logger });
  logger.info('the daemon runs', { pid: process.pid });

  await aborted(AbortSignal.any([shutdown.signal, signal]));
  logger.info('the daemon shuts down', {});
  listeners.close();
  await poll({
    probe: () => Promise.resolve(supervisor.instances().reduce((sum, key) => sum + proxy.inFlight(key).requests, 0)),
    accept: (requests) => requests === 0,
    intervalMs: 20,
    deadlineMs: shutdownMs.drain,
    clock,
  });
  await supervisor.close(shutdownMs.stop);
  // Last, so that a closed socket means that everything has ended; whoever asked for this still gets an answer.
  control.close();
  await Promise.race([once(control, 'close'), clock.sleep(shutdownMs.farewell)]);
}

function portOf(instance: EmbeddedInstance): number {
  return instance.addresses[0].port;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
