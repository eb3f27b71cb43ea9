import { rename } from 'node:fs/promises';
import { join } from 'node:path';

import { MaestroError, poll, systemClock } from '@maestro/core';

import type { PartErrorCode } from '../errors.ts';
import { lastLines } from '../server-process.ts';
import {
  clearFolder,
  type Configuration,
  type ConfiguredProgram,
  type ConfiguredServer,
  startConfigured,
  writeConfiguration,
} from './configured-server.ts';
import { listenersOf } from './port-listeners.ts';

/** A server that runs for one suite. */
interface SuiteServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /**
   * Resolves when another configuration is served, and that alone. Rejects where it is wrong, with the program's own
   * words; the one before is then served on.
   */
  readonly reload: (options: { readonly config: Configuration }) => Promise<void>;
}

export interface ConfiguredSuite extends AsyncDisposable {
  /** The suite's own; at its end what works in it is ended, and it is removed. */
  readonly folder: string;
  /** Resolves when it serves; rejects with the program's own words where its configuration is wrong. */
  readonly start: (options: { readonly config: Configuration }) => Promise<SuiteServer>;
}

export interface ReloadableProgram extends ConfiguredProgram {
  /** Has its file read again; resolves when the new configuration is served. */
  readonly reload: (server: ConfiguredServer) => Promise<void>;
}

const signals = 6;
const signalDeadlineMs = 5_000;

export function openConfiguredSuite(program: ReloadableProgram, folder: string): ConfiguredSuite {
  const opened = new AsyncDisposableStack();
  opened.defer(() => clearFolder(folder));
  return {
    folder,
    start: async ({ config }) => {
      const server = opened.use(await startConfigured(program, { folder, config }));
      return {
        port: server.port,
        url: `http://127.0.0.1:${server.port}`,
        pid: server.processId.pid,
        reload: (options) => reload(program, server, options.config),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function reload(program: ReloadableProgram, server: ConfiguredServer, config: Configuration): Promise<void> {
  const file = join(server.folder, program.fileName);
  await writeConfiguration(program, `${file}.next`, config(server.port));
  await rename(`${file}.next`, file);
  await program.reload(server);
}

/** Signals a master, and waits until workers that it starts anew have taken the port over from all that had it. */
export async function replaceWorkers(server: ConfiguredServer, signal: NodeJS.Signals): Promise<void> {
  const { folder, port, processId } = server;
  const workers = async () => (await listenersOf(folder, port)).filter((pid) => pid !== processId.pid);
  const before = await workers();
  // HAProxy's master may miss one that comes while it executes itself anew.
  for (let sent = 0; sent < signals; sent += 1) {
    process.kill(processId.pid, signal);
    const { accepted } = await poll({
      probe: workers,
      accept: (now) => now.length > 0 && !now.some((pid) => before.includes(pid)),
      intervalMs: 50,
      deadlineMs: signalDeadlineMs,
      clock: systemClock,
    });
    if (accepted) return;
  }
  const code: PartErrorCode = 'PART_START_FAILED';
  throw new MaestroError(code, `new workers did not take over port ${port}: ${await lastLines(folder)}`, {
    hint: 'see that the new configuration listens on the same port',
  });
}
