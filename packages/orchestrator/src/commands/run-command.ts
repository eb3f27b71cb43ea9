import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { type Clock, withDeadline } from '@maestro/core';

export interface RunCommandOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Given on its standard input, which then ends. */
  readonly input: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface CommandOutcome {
  readonly passed: boolean;
  /** In words, such as `exit code 1`. */
  readonly exit: string;
  /** The end of what it printed in whole lines, both streams as they came. */
  readonly output: string;
}

const keptBytes = 64 * 1024;
const stopMs = 5_000;
/** For what it printed last, once it has ended. */
const closingMs = 1_000;

/**
 * Runs a program in a process group of its own and keeps the end of what it prints. At its deadline, or when the signal
 * aborts, it and what it has started are asked to end, after 5 s forced to; what it leaves behind is ended with it.
 */
export async function runCommand(options: RunCommandOptions): Promise<CommandOutcome> {
  const { command, folder, variables, input, timeoutMs, clock, signal } = options;
  signal.throwIfAborted();
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: folder, env: variables, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = new OutputEnd(child);
  try {
    await once(child, 'spawn');
  } catch (error) {
    return { passed: false, exit: notStarted(error), output: '' };
  }
  child.on('error', () => undefined);
  // A program that does not read its input is none the worse for it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = endOf(child, clock);
  const late = new Error(`it did not end in ${timeoutMs} ms`);
  try {
    const exit = await withDeadline(() => ended, { deadlineMs: timeoutMs, clock, signal, onExpired: () => late });
    return { passed: exit === passed, exit, output: output.text() };
  } catch (error) {
    await end(child, ended, clock);
    if (error !== late) throw error;
    return { passed: false, exit: late.message, output: output.text() };
  }
}

const passed = 'exit code 0';

/** Its own end, with what it has started, and everything it has printed. */
async function endOf(child: ChildProcess, clock: Clock): Promise<string> {
  const closed = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  signalGroup(child, 'SIGKILL');
  const over = new AbortController();
  await Promise.race([closed, clock.sleep(closingMs, over.signal).catch(() => undefined)]);
  over.abort();
  return signal ?? `exit code ${code ?? 'unknown'}`;
}

async function end(child: ChildProcess, ended: Promise<string>, clock: Clock): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const over = new AbortController();
  const forced = clock.sleep(stopMs, over.signal).then(
    () => {
      signalGroup(child, 'SIGKILL');
    },
    () => undefined,
  );
  await ended;
  over.abort();
  await forced;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function notStarted(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  if (code === 'ENOENT') return 'there is no such program, or no such folder';
  return code === 'EACCES' ? 'it may not be run' : code;
}

class OutputEnd {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  constructor({ stdout, stderr }: ChildProcess) {
    for (const stream of [stdout, stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#keep(chunk);
      });
    }
  }

  text(): string {
    if (this.#bytes > keptBytes) this.#cut();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    if (!this.#isCut) return text;
    // Nobody could recognise what is left of a secret that was cut.
    const end = text.indexOf('\n');
    return end === -1 ? '' : text.slice(end + 1);
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > 2 * keptBytes) this.#cut();
  }

  #cut(): void {
    this.#chunks = [Buffer.concat(this.#chunks).subarray(-keptBytes)];
    this.#bytes = keptBytes;
    this.#isCut = true;
  }
}
