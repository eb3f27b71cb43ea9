import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { type Clock, poll } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { StateLayout } from './state-layout.ts';

const startDeadlineMs = 15_000;

/** Starts the daemon so that it outlives this process, and returns once `isUp` says that it answers. */
export async function startDaemon(options: {
  readonly layout: StateLayout;
  readonly isUp: () => Promise<boolean>;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { layout, isUp, clock, signal } = options;
  await mkdir(layout.folder, { recursive: true, mode: 0o700 });
  // The package's own name leads to the daemon's file both in its sources and in what is published.
  const entry = fileURLToPath(import.meta.resolve('@maestro/bluegreen/embedded/daemon'));
  const log = await open(layout.daemonLog, 'a', 0o600);
  let exit: string | undefined;
  try {
    const child = spawn(process.execPath, [...inheritedFlags(), entry, layout.folder], {
      detached: true,
      cwd: layout.folder,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.once('error', (error) => (exit = error.message));
    child.once('exit', (code, killedBy) => (exit = killedBy ?? `exit code ${code ?? 'unknown'}`));
    child.unref();
  } finally {
    await log.close();
  }
  const outcome = await poll({
    probe: async () => (await isUp()) || exit !== undefined,
    accept: Boolean,
    intervalMs: 15,
    deadlineMs: startDeadlineMs,
    clock,
    signal,
  });
  // Another daemon may have been quicker: then ours ended, and the other one answers.
  if (outcome.accepted && (await isUp())) return;
  throw new BlueGreenError(
    'BLUEGREEN_DAEMON_FAILED',
    `the daemon did not come up: ${exit ?? `no answer in ${startDeadlineMs} ms`}${await lastLine(layout.daemonLog)}`,
    { hint: `look at ${layout.daemonLog}` },
  );
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
