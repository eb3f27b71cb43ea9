import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import type { SqliteScenario } from './sqlite-scenario.ts';

type TestProcess = ChildProcessByStdio<null, Readable, null>;

interface PrintedLine {
  readonly type: string;
  readonly [field: string]: unknown;
}

export const runner = new URL('./integration/runner.ts', import.meta.url);
export const oldService = new URL('./integration/old-service.ts', import.meta.url);

/** Starts a script on a scenario's folder and file. */
export function start(script: URL, { folder, file }: SqliteScenario): TestProcess {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const call = [...flags, fileURLToPath(script), folder, file];
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

function collectLines(child: TestProcess): PrintedLine[] {
  const lines: PrintedLine[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as PrintedLine));
  return lines;
}
