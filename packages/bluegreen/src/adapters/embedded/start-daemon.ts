import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { type Clock, poll } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import { baseVariables } from './base-variables.ts';
import { exitCodes } from './exit-codes.ts';
import type { StateLayout } from './state-layout.ts';

const startDeadlineMs = 15_000;
const endDeadlineMs = 5_000;

/** Starts the daemon so that it outlives this process, and returns once one answers. */
export async function startDaemon(options: {
  readonly layout: StateLayout;
  /** The number of the daemon's process that answers; undefined while none does. */
  readonly answering: () => Promise<number | undefined>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { layout, answering, clock, signal } = options;
  await mkdir(layout.folder, { recursive: true, mode: 0o700 });
  let started = await launchDaemon(layout);
  const probe = async (stop: AbortSignal) => {
    const pid = await answering();
    if (pid !== undefined && pid === started.pid) return 'up';
    // One that is late notices by itself that another one was quicker; left alone it might come up after a shutdown.
    if (started.exit === undefined) return 'starting';
    if (pid !== undefined) return 'up';
    if (started.exit.code !== exitCodes.heldElsewhere) return 'failed';
    // Somebody else's daemon is about to answer, or about to leave: then it is this one's turn.
    stop.throwIfAborted();
    started = await launchDaemon(layout);
    if (stop.aborted) await endDaemon(started, clock);
    return 'starting';
  };
  const accept = (state: string) => state !== 'starting';
  let up = false;
  let why = `no answer in ${startDeadlineMs} ms`;
  try {
    const { value } = await poll({ probe, accept, intervalMs: 15, deadlineMs: startDeadlineMs, clock, signal });
    up = value === 'up';
    why = started.exit?.reason ?? why;
  } finally {
    // One that is given up would come up all the same, after a shutdown that found none. Services outlive its end.
    if (!up) await endDaemon(started, clock);
  }
  if (up) return;
  throw new BlueGreenError(
    'BLUEGREEN_DAEMON_FAILED',
    `the daemon did not come up: ${why}${await lastLine(layout.daemonLog)}`,
    { hint: `look at ${layout.daemonLog}` },
  );
}

/** A daemon's process; `exit` is missing while it runs. */
interface Started {
  pid?: number | undefined;
  exit?: { readonly code: number | null; readonly reason: string };
}

async function endDaemon(started: Started, clock: Clock): Promise<void> {
  if (started.pid === undefined || started.exit !== undefined) return;
  process.kill(started.pid, 'SIGKILL');
  const gone = () => Promise.resolve(started.exit !== undefined);
  await poll({ probe: gone, accept: Boolean, intervalMs: 5, deadlineMs: endDeadlineMs, clock });
}

async function launchDaemon(layout: StateLayout): Promise<Started> {
  // The package's own name leads to the daemon's file both in its sources and in what is published.
  const entry = fileURLToPath(import.meta.resolve('@maestro/bluegreen/embedded/daemon'));
  const log = await open(layout.daemonLog, 'a', 0o600);
  const started: Started = {};
  try {
    const child = spawn(process.execPath, [...inheritedFlags(), entry, layout.folder], {
      detached: true,
      cwd: layout.folder,
      env: baseVariables(),
      stdio: ['ignore', log.fd, log.fd],
    });
    started.pid = child.pid;
    child.once('error', ({ message }) => {
      started.exit = { code: null, reason: message };
    });
    child.once('exit', (code, killedBy) => {
      started.exit = { code, reason: killedBy ?? `exit code ${code ?? 'unknown'}` };
    });
    child.unref();
  } finally {
    await log.close();
  }
  return started;
}

/** The flags that decide how modules are found; anything else, such as an inspector's port, stays with this process. */
function inheritedFlags(): readonly string[] {
  const conditions = process.execArgv.filter((flag) => flag.startsWith('--conditions='));
  return [...conditions, '--disable-warning=ExperimentalWarning'];
}

async function lastLine(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  return last === '' ? '' : ` (${last})`;
}
