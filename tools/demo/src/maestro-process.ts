import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { type Clock, type JsonValue, withDeadline } from '@maestro/core';
import { z } from 'zod';

import { DemoError } from './errors.ts';

/** A line of progress, as the command line printed it. */
export type MaestroEvent = Readonly<Record<string, JsonValue>>;

const resultSchema = z.object({
  type: z.literal('result'),
  ok: z.boolean(),
  outcome: z.string().nullish(),
  durationMs: z.number().nullish(),
  switchMs: z.number().nullish(),
  url: z.string().nullish(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullish() }).nullish(),
});
export type MaestroResult = z.infer<typeof resultSchema>;

interface MaestroRunOptions {
  readonly onEvent?: ((event: MaestroEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one command to its end; a command that failed is a result too. */
export type RunMaestro = (args: readonly string[], options?: MaestroRunOptions) => Promise<MaestroResult>;

export interface MaestroOptions {
  readonly folder: string;
  readonly config: string;
  readonly clock: Clock;
  /** The program; the command line from its sources by default. */
  readonly main?: string;
  /** For one command. */
  readonly deadlineMs?: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const cleaningUpMs = 15_000;
const shownComplaint = 2_000;

const maestroMain = join(dirname(fileURLToPath(import.meta.resolve('@maestro/cli/package.json'))), 'src', 'main.ts');

export function openMaestro(options: MaestroOptions): RunMaestro {
  const { folder, config, clock, main = maestroMain, deadlineMs = 60_000 } = options;
  return async (args, { onEvent, signal } = {}) => {
    signal?.throwIfAborted();
    const child = spawn(
      process.execPath,
      ['--conditions=@maestro/source', main, ...args, '-e', 'demo', '-c', config, '--json'],
      // Out of the terminal's process group: Ctrl-C reaches it once, from here, not twice.
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const finished = resultOf(child, args, onEvent);
    try {
      return await withDeadline(() => finished, {
        deadlineMs,
        clock,
        signal,
        onExpired: () => tooLate(args, deadlineMs),
      });
    } catch (error) {
      await interrupt(child, clock);
      finished.catch(() => undefined);
      throw error;
    }
  };
}

async function resultOf(child: Child, args: readonly string[], onEvent: MaestroRunOptions['onEvent']) {
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-shownComplaint);
  });
  let result: MaestroResult | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = parseLine(line);
    const parsed = resultSchema.safeParse(event);
    if (parsed.success) result = parsed.data;
    else if (event !== undefined) onEvent?.(event);
  }
  await ended;
  if (result !== undefined) return result;
  throw new DemoError('DEMO_MAESTRO_SILENT', `maestro ${args.join(' ')} printed no result line: ${complaint.trim()}`);
}

function parseLine(line: string): MaestroEvent | undefined {
  try {
    const value = JSON.parse(line) as JsonValue;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as MaestroEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Lets it clean up first, as Ctrl-C does. */
async function interrupt(child: Child, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const patience = new AbortController();
  const lost = clock.sleep(cleaningUpMs, patience.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await exited;
  patience.abort();
  await lost;
}

function tooLate(args: readonly string[], deadlineMs: number): DemoError {
  return new DemoError('DEMO_MAESTRO_TIMEOUT', `maestro ${args.join(' ')} took longer than ${deadlineMs} ms`);
}
