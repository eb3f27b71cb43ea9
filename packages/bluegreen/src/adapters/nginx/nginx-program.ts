import { readFile } from 'node:fs/promises';

import type { NginxVersion } from './nginx-version.ts';

export interface Stoppable {
  readonly signal?: AbortSignal | undefined;
}

/** Runs the nginx of one state folder, in whatever way. */
export interface NginxProgram {
  /**
   * Whether a second one may listen beside the first; its configuration must say so, and leaves it to the program where the number
   * of its process is written.
   */
  readonly sharesPorts: boolean;
  version(options?: Stoppable): Promise<NginxVersion>;
  /** Checks a configuration; returns what nginx finds wrong with it, or null. */
  check(file: string, options?: Stoppable): Promise<string | null>;
  /** Starts it with the configuration in use. Throws `BLUEGREEN_PROXY_FAILED` with nginx's own words. */
  start(options?: Stoppable): Promise<void>;
  /** The process number of its master; null while it does not run. */
  master(): Promise<number | null>;
  /** Has it load its configuration anew, which goes on after this. */
  reload(): Promise<void>;
  /** Has it begin new logs, where it runs. */
  reopenLogs(): Promise<void>;
  /** Has it answer what it has begun, and end after `timeoutMs` at the latest. */
  stop(options: Stoppable & { readonly timeoutMs: number }): Promise<void>;
  /** Has a new nginx take over from the one that runs, without a moment in which nobody listens. */
  replace(options?: Stoppable): Promise<void>;
}

/** The workers of a master that take new requests, in no order; those that only finish what they have are not among them. */
export async function takingWorkers(master: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${master}/task/${master}/children`, 'utf8').catch(() => '');
  const pids = children.split(' ').map(Number).filter(Boolean);
  const titles = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => /^nginx: worker process\0*$/.test(titles[index]?.trim() ?? ''));
}
