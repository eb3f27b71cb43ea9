import { readdirSync } from 'node:fs';
import { access, link, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, createFileDurably, isoTime, type Logger, messageOf, writeFileDurably } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';
import type { DeploymentLock, HeldLock, LockHolder, LockSighting } from './deployment-lock.ts';
import { hasEnded, type LockRecord, locked, nameOf, parseLockRecord, recordOfThisProcess } from './lock-record.ts';

const leaseMs = 15_000;
const renewEveryMs = 4_000;
const kept = 5;

const waitHint = 'wait for it, then run the same command again; maestro status shows who holds the lock';
const releaseHint =
  'wait for it; maestro lock release --yes takes the lock away all the same, and cuts off what it is held for';

/** Who has the highest number. */
interface Last {
  readonly record: LockRecord;
  readonly state: 'held' | 'abandoned' | 'released';
}

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
    const record = await recordOfThisProcess(purpose, isoTime(this.#clock));
    for (;;) {
      const { token, last } = await this.#last();
      if (last?.state === 'held') throw locked(last.record, waitHint);
      if (await this.#claim(token + 1, record)) return this.#hold(token + 1, record);
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
    const { last } = await this.#last();
    if (last?.state !== 'held') return null;
    const { since, purpose } = last.record;
    return { holder: nameOf(last.record), since, purpose };
  }

  async look(): Promise<LockSighting | null> {
    const { token, last } = await this.#last();
    return last === undefined || last.state === 'released' ? null : this.#sighting(token, last);
  }

  async release({ living }: { readonly living: boolean }): Promise<LockSighting | null> {
    for (;;) {
      const { token, last } = await this.#last();
      if (last === undefined || last.state === 'released') return null;
      if (last.state === 'held' && !living) throw locked(last.record, releaseHint);
      // With a number of its own, after which the holder before can no longer switch, whether or not it notices.
      const own = token + 1;
      if (!(await this.#claim(own, await recordOfThisProcess('lock release', isoTime(this.#clock))))) continue;
      await link(this.#file(own), this.#releasedFile(own));
      return this.#sighting(token, last);
    }
  }

  #sighting(token: number, { record, state }: Last): LockSighting {
    const { since, purpose, renewedAt } = record;
    const left = Math.max(0, Date.parse(renewedAt) + leaseMs - this.#clock.now());
    return {
      holder: nameOf(record),
      since,
      purpose,
      token,
      renewedAt,
      state: state === 'held' ? 'held' : 'abandoned',
      leaseLeftMs: state === 'held' ? left : 0,
    };
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
          'somebody else took the lock over: another deployer while this one did not renew it, or maestro lock release',
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

  /** The highest number and who has it. */
  async #last(): Promise<{ readonly token: number; readonly last: Last | undefined }> {
    const token = await this.#highest();
    const record = token === 0 ? undefined : await this.#read(token);
    return { token, last: record === undefined ? undefined : { record, state: await this.#stateOf(token, record) } };
  }

  async #stateOf(token: number, record: LockRecord): Promise<Last['state']> {
    if (await exists(this.#releasedFile(token))) return 'released';
    const expired = this.#clock.now() - Date.parse(record.renewedAt) >= leaseMs;
    return expired || (await hasEnded(record)) ? 'abandoned' : 'held';
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
      return parseLockRecord(await readFile(this.#file(token), 'utf8'));
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
