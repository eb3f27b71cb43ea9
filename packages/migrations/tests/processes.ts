import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import type { Target } from './target.ts';

type TestProcess = ChildProcessByStdio<null, Readable, null>;

interface PrintedLine {
  readonly type: string;
  readonly [field: string]: unknown;
}

export const runner = new URL('./integration/runner.ts', import.meta.url);
export const oldService = new URL('./integration/old-service.ts', import.meta.url);

interface StartedOn {
  readonly folder: string;
  readonly target: Target;
}

/** Starts a script on a scenario's folder and database; a runner kills itself at the call of that number. */
export function start(script: URL, { folder, target }: StartedOn, killAt?: number): TestProcess {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const call = [...flags, fileURLToPath(script), folder, JSON.stringify(target), String(killAt ?? '')];
  return spawn(process.execPath, call, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Everything it printed, once it has ended by itself; throws when it failed. */
export async function finished(child: TestProcess): Promise<PrintedLine[]> {
  const lines = collectLines(child);
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`a process ended with ${child.exitCode ?? child.signalCode ?? 'nothing'}`);
  return lines;
}

/** Lets it run until its first line and the delay after it, kills it, and returns the types of its lines. */
export async function eventsUntilKilled(child: TestProcess, delay: () => Promise<void>): Promise<string[]> {
  const closed = once(child, 'close');
  const lines = collectLines(child);
  await Promise.race([once(child.stdout, 'data'), closed]);
  await delay();
  child.kill('SIGKILL');
  await closed;
  return lines.map(({ type }) => type);
}

/** Everything it printed until it ended, and whether it was killed. */
export async function ended(
  child: TestProcess,
): Promise<{ readonly lines: PrintedLine[]; readonly isKilled: boolean }> {
  const lines = collectLines(child);
  await once(child, 'close');
  return { lines, isKilled: child.signalCode === 'SIGKILL' };
}

function collectLines(child: TestProcess): PrintedLine[] {
  const lines: PrintedLine[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as PrintedLine));
  return lines;
}
