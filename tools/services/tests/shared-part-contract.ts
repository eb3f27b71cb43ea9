import { readdir } from 'node:fs/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

import type { SharedPart } from '../src/part.ts';
import { standingUser } from '../src/running-part.ts';
import { closeRun, liveRuns, openRun } from '../src/runs.ts';
import { isAlive } from '../src/server-process.ts';
import { leaveServer, useServer } from '../src/shared-server.ts';
import { stateFolder } from '../src/state-folder.ts';
import { isLeftover, newRunId, newSuiteName } from '../src/suite-name.ts';
import { removeLeftovers, useSharedPart } from '../src/use-part.ts';
import { ownState, silent } from './own-state.ts';

export interface SharedPartContract<Suite extends AsyncDisposable> {
  readonly part: SharedPart<Suite>;
  /** Keeps something among the suite's data. */
  readonly keep: (suite: Suite) => Promise<void>;
  /** Whether that is there; rejects or says no where it is not. */
  readonly has: (suite: Suite) => Promise<boolean>;
  /** Whether a suite's data is dropped from the server at its end, rather than with the server alone. */
  readonly dropsData: boolean;
  /** The address of the server that the tests of this run share. */
  readonly address: () => string;
}

const timeout = 120_000;

/** What holds for each part that suites share, told by its real server. */
export function sharedPartContract<Suite extends AsyncDisposable>(contract: SharedPartContract<Suite>): void {
  const { part, keep, has, dropsData, address } = contract;
  const present = (suite: Suite) => has(suite).catch(() => false);
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  describe('its suites', () => {
    it('have data apart from one another', async () => {
      await using one = await part.openSuite({ address: address(), suite: newSuiteName(newRunId()) });
      await using other = await part.openSuite({ address: address(), suite: newSuiteName(newRunId()) });
      await keep(one);
      expect(await present(one)).toBe(true);
      expect(await present(other)).toBe(false);
    });

    if (!dropsData) return;

    it('leave nothing at their end', async () => {
      const suite = newSuiteName(newRunId());
      const first = await part.openSuite({ address: address(), suite });
      await keep(first);
      await first[Symbol.asyncDispose]();
      await using again = await part.openSuite({ address: address(), suite });
      expect(await present(again)).toBe(false);
    });

    it('lose their data to the next run when theirs was killed, and only then', async () => {
      const [deadRun, liveRun] = [newRunId(), newRunId()];
      const dead = newSuiteName(deadRun);
      await keep(await part.openSuite({ address: address(), suite: dead }));
      await using live = await part.openSuite({ address: address(), suite: newSuiteName(liveRun) });
      await keep(live);
      const alive = new Set([...(await liveRuns(stateFolder())), liveRun]);
      await part.removeSuites({ address: address(), isLeftover: (name) => isLeftover(name, alive) });
      expect(await present(live)).toBe(true);
      await using again = await part.openSuite({ address: address(), suite: dead });
      expect(await present(again)).toBe(false);
    });
  });

  describe('its server', () => {
    it(
      'is one for all who use it, and ends with the last of them, leaving no process and no file',
      async () => {
        const state = await ownState([part]);
        const users = await Promise.all([openRun(state), openRun(state), openRun(state)]);
        const used = await Promise.all(users.map(({ id }) => useServer({ part, state, user: id, say: silent })));
        const [server, ...others] = used;
        if (server === undefined) throw new Error('none was started');
        for (const other of others) expect(other).toEqual(server);
        expect(server.version).toMatch(/^\d+\.\d+/);
        for (const [index, run] of users.entries()) {
          expect(
            await part.server.ask(server.address, AbortSignal.timeout(5_000)).then(() => 'answers'),
            `${index}`,
          ).toBe('answers');
          await leaveServer({ part, state, user: run.id });
          await closeRun(run);
        }
        await expect(part.server.ask(server.address, AbortSignal.timeout(5_000))).rejects.toThrow();
        expect(await Promise.all(server.processes.map(isAlive))).not.toContain(true);
        expect(await readdir(state.parts)).toEqual([]);
      },
      timeout,
    );

    it(
      'is started anew when it was killed',
      async () => {
        const state = await ownState([part]);
        const use = { part, state, user: standingUser, say: silent };
        const first = await useServer(use);
        for (const { pid } of first.processes) process.kill(pid, 'SIGKILL');
        const second = await useServer(use);
        expect(second.processes).not.toEqual(first.processes);
        await part.server.ask(second.address, AbortSignal.timeout(5_000));
      },
      timeout,
    );

    it(
      'is stopped by the next run when the runs that used it are gone',
      async () => {
        const state = await ownState([part]);
        const run = await openRun(state);
        const { processes } = await useServer({ part, state, user: run.id, say: silent });
        await closeRun(run);
        await removeLeftovers([part], state);
        expect(await Promise.all(processes.map(isAlive))).not.toContain(true);
        expect(await readdir(state.parts)).toEqual([]);
      },
      timeout,
    );

    it('is the one that the variable names', async () => {
      const state = await ownState([part]);
      vi.stubEnv(part.variable, address());
      expect(await useSharedPart(part, { state, user: standingUser, say: silent })).toBe(address());
    });

    it('is no other where the variable names one that does not answer', async () => {
      const state = await ownState([part]);
      const { protocol } = new URL(address());
      vi.stubEnv(part.variable, protocol === 'unix:' ? 'unix:///nowhere.sock' : `${protocol}//127.0.0.1:1/`);
      await expect(useSharedPart(part, { state, user: standingUser, say: silent })).rejects.toMatchObject({
        code: 'PART_UNREACHABLE',
        message: expect.stringContaining(part.variable) as string,
      });
    });
  });
}
