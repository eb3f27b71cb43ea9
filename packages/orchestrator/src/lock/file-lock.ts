import { readdirSync } from 'node:fs';
import { access, link, readdir, readFile, rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import {
  type Clock,
  createFileDurably,
  isoTime,
  type Logger,
  messageOf,
  processIdentity,
  writeFileDurably,
} from '@maestro/core';
import { z } from 'zod';

import { OrchestratorError } from '../errors.ts';
import type { DeploymentLock, HeldLock, LockHolder } from './deployment-lock.ts';

const recordSchema = z.object({
  user: z.string(),
  machine: z.string(),
  pid: z.number(),
  /** Tells this process from a later one with the same number. */
  identity: z.string(),
  purpose: z.string(),
  since: z.string(),
  renewedAt: z.string(),
});
type LockRecord = z.infer<typeof recordSchema>;

const leaseMs = 15_000;
const renewEveryMs = 4_000;
const kept = 5;

/**
 * A lease in numbered files: `7.json` belongs to the seventh holder, and creating it is exclusive, so of two deployers
 * that find the sixth gone only one becomes the seventh. The highest number is the holder; `7.released` beside
 * it says that it let go; numbers are never reused.
 * A lease ends when it is released, when it was not renewed for 15 s, or when its process on this machine has ended.
 */
export class FileLock implements DeploymentLock {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: { readonly folder: string; readonly clock: Clock; readonly logger: Logger }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async acquire(purpose: string): Promise<HeldLock> {
    const now = isoTime(this.#clock);
    const record: LockRecord = {
      user: userInfo().username,
      machine: hostname(),
      pid: process.pid,
      identity: (await processIdentity(process.pid)) ?? '',
      purpose,
      since: now,
      renewedAt: now,
    };
    for (;;) {
      const highest = await this.#highest();
      const current = highest === 0 ? undefined : await this.#read(highest);
      if (current !== undefined && (await this.#isHeld(highest, current))) throw locked(current);
      if (await this.#claim(highest + 1, record)) {
        return this.#hold(highest + 1, record);
      }
    }
  }

  /** The first thing that a deployer writes: where nothing can be written, it ends here, with nothing done. */
  async #claim(token: number, record: LockRecord): Promise<boolean> {
    try {
      return await createFileDurably(this.#file(token), JSON.stringify(record));
    } catch (error) {
      throw new OrchestratorError(
        'ORCHESTRATOR_STATE_UNWRITABLE',
        `the state of the environment cannot be written: ${messageOf(error)}`,
        { hint: `df -h ${this.#folder}; ls -ld ${this.#folder}`, details: { folder: this.#folder }, cause: error },
      );
    }
  }

  async holder(): Promise<LockHolder | null> {
    const highest = await this.#highest();
    const current = highest === 0 ? undefined : await this.#read(highest);
    if (current === undefined || !(await this.#isHeld(highest, current))) return null;
    return { holder: nameOf(current), since: current.since, purpose: current.purpose };
  }

  #hold(token: number, record: LockRecord): HeldLock {
    const end = new AbortController();
    const renewing = this.#renew(token, record, end.signal);
    return {
      token,
      assertHeld: () => {
        const highest = Math.max(0, ...tokensOf(readdirSync(this.#folder)));
        if (highest === token) return;
        throw new OrchestratorError(
          'ORCHESTRATOR_LOCK_LOST',
          'another deployer took the lock over while this one did not renew it',
          { hint: 'maestro status shows who deploys; wait for it, then deploy again' },
        );
      },
      [Symbol.asyncDispose]: async () => {
        end.abort();
        await renewing;
        try {
          // A second name and no contents: that works on a full disk too, and the number stays taken.
          await link(this.#file(token), this.#releasedFile(token));
          await this.#prune(token);
        } catch (error) {
          // It ends with its process or its lease all the same, and must not hide what a release ended with.
          this.#logger.warn('the deployment lock could not be released', { token, error: messageOf(error) });
        }
      },
    };
  }

  async #renew(token: number, record: LockRecord, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#clock.sleep(renewEveryMs, signal);
      } catch {
        return;
      }
      try {
        const renewedAt = isoTime(this.#clock);
        await writeFileDurably(this.#file(token), JSON.stringify({ ...record, renewedAt }));
      } catch (error) {
        this.#logger.warn('the deployment lock could not be renewed', { error: messageOf(error) });
      }
    }
  }

  async #isHeld(token: number, record: LockRecord): Promise<boolean> {
    if (await exists(this.#releasedFile(token))) return false;
    const ended = record.machine === hostname() && (await processIdentity(record.pid)) !== record.identity;
    return !ended && this.#clock.now() - Date.parse(record.renewedAt) < leaseMs;
  }

  async #highest(): Promise<number> {
    try {
      return Math.max(0, ...tokensOf(await readdir(this.#folder)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }

  /** Undefined for a file that was pruned meanwhile or says nothing readable: nobody can be behind it. */
  async #read(token: number): Promise<LockRecord | undefined> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.#file(token), 'utf8')));
    } catch (error) {
      this.#logger.warn('a lock file cannot be read', { token, error: messageOf(error) });
      return undefined;
    }
  }

  async #prune(token: number): Promise<void> {
    for (const old of tokensOf(await readdir(this.#folder))) {
      if (old > token - kept) continue;
      await rm(this.#file(old), { force: true });
      await rm(this.#releasedFile(old), { force: true });
    }
  }

  #releasedFile(token: number): string {
    return join(this.#folder, `${token}.released`);
  }

  #file(token: number): string {
    return join(this.#folder, `${token}.json`);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function tokensOf(names: readonly string[]): readonly number[] {
  return names.flatMap((name) => {
    const [, token] = /^(\d+)\.json$/.exec(name) ?? [];
    return token === undefined ? [] : [Number(token)];
  });
}

function nameOf({ user, machine, pid }: LockRecord): string {
  return `${user}@${machine} (pid ${pid})`;
}

function locked(current: LockRecord): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_LOCKED',
    `${nameOf(current)} holds the deployment lock since ${current.since}, for ${current.purpose}`,
    {
      hint: 'wait for it, then run the same command again; maestro status shows who holds the lock',
      details: { holder: nameOf(current), since: current.since, purpose: current.purpose },
      retryable: true,
    },
  );
}
