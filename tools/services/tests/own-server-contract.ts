import { once } from 'node:events';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { poll, systemClock } from '@maestro/core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { hasServer, type OwnPart, type ProgramPaths } from '../src/part.ts';
import { processesOfFolder } from '../src/processes-of-folder.ts';
import { partFolder, standingUser } from '../src/running-part.ts';
import { closeRun, openRun } from '../src/runs.ts';
import { isAlive, type ProcessId } from '../src/server-process.ts';
import { leaveServer, useServer } from '../src/shared-server.ts';
import { useOwnPart } from '../src/use-part.ts';
import { ownState, silent } from './own-state.ts';

export interface OwnServerContract<Suite extends AsyncDisposable> {
  readonly part: OwnPart<Suite>;
  /** Has something served by the suite; resolves to its port. */
  readonly serve: (suite: Suite) => Promise<number>;
}

export const timeout = 120_000;

/** What holds for each part that suites start for themselves, told by its real server. */
export function ownServerContract<Suite extends AsyncDisposable>({ part, serve }: OwnServerContract<Suite>): void {
  describe('its server', () => {
    if (!hasServer(part)) throw new Error(`${part.name} has no server`);

    it(
      'tells its version, and ends with its last user, leaving no process, no port and no file',
      async () => {
        const state = await ownState([part]);
        const { address, version, programs } = await useServer({ part, state, user: standingUser, say: silent });
        expect(version).toBe(await part.version(programs));
        expect(await part.server.ask(address, AbortSignal.timeout(5_000))).toBe(version);
        await leaveServer({ part, state, user: standingUser });
        expect(await accepts(Number(new URL(address).port))).toBe(false);
        expect(await processesOfFolder(state.path)).toEqual([]);
        expect(await readdir(state.parts)).toEqual([]);
      },
      timeout,
    );

    it(
      'is started anew when it was killed, without what is left of the first',
      async () => {
        const state = await ownState([part]);
        const use = { part, state, user: standingUser, say: silent };
        const first = await useServer(use);
        const left = join(partFolder(state, part.name), 'left');
        await writeFile(left, '');
        const processes = await processesOfFolder(state.path);
        await kill(first.processes);
        const second = await useServer(use);
        expect(await part.server.ask(second.address, AbortSignal.timeout(5_000))).toBe(first.version);
        const remaining = await processesOfFolder(state.path);
        expect(remaining.filter((pid) => processes.includes(pid))).toEqual([]);
        await expect(access(left)).rejects.toThrow();
      },
      timeout,
    );
  });

  describe('what a suite started', () => {
    it(
      'ends with the suite, leaving no process, no port and no file',
      async () => {
        const folder = join((await ownState([part])).path, 'suite');
        const { suite } = await openOwnSuite(part, folder);
        const port = await serve(suite);
        expect(await accepts(port)).toBe(true);
        await suite[Symbol.asyncDispose]();
        expect(await accepts(port)).toBe(false);
        expect(await processesOfFolder(folder)).toEqual([]);
        await expect(access(folder)).rejects.toThrow();
      },
      timeout,
    );

    it(
      'is ended by the next run when its own was killed',
      async () => {
        const state = await ownState([part]);
        const { suite } = await openOwnSuite(part, join(state.runs, '0dead0', 'suite'));
        const port = await serve(suite);
        const next = await openRun(state);
        expect(await accepts(port)).toBe(false);
        expect(await processesOfFolder(state.path)).toEqual([]);
        expect(await readdir(state.runs)).toEqual([next.id]);
        await closeRun(next);
      },
      timeout,
    );
  });
}

export interface OpenedOwnSuite<Suite> {
  readonly suite: Suite;
  readonly folder: string;
  readonly programs: ProgramPaths;
}

/** A suite of one test's own, closed at its end. */
export async function openOwnSuite<Suite extends AsyncDisposable>(
  part: OwnPart<Suite>,
  within?: string,
): Promise<OpenedOwnSuite<Suite>> {
  const state = await ownState([]);
  const folder = within ?? join(state.path, 'suite');
  const programs = await useOwnPart(part, { state, say: silent });
  await mkdir(folder, { recursive: true });
  const suite = await part.openSuite({ programs, folder });
  onTestFinished(() => suite[Symbol.asyncDispose](), timeout);
  return { suite, folder, programs };
}

/** Resolves when they are gone: a signal takes a moment, in which workers still answer for their master. */
export async function kill(processes: readonly ProcessId[]): Promise<void> {
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
  const { accepted } = await poll({
    probe: () => Promise.all(processes.map(isAlive)),
    accept: (each) => !each.includes(true),
    intervalMs: 10,
    deadlineMs: 10_000,
    clock: systemClock,
  });
  expect(accepted).toBe(true);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}
