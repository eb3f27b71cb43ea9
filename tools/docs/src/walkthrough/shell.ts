import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

import { type Clock, withDeadline } from '@maestro/core';

/** How a block ended. */
export interface BlockEnd {
  /** Null where it did not end in time. */
  readonly exitCode: number | null;
  /** What it printed, on both streams, up to then. */
  readonly printed: string;
}

interface RunOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ShellOptions {
  /** Where it begins. */
  readonly folder: string;
  /** For what it is told and what it prints. */
  readonly scripts: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/**
 * Runs one block after the other, each as `bash -euo pipefail` would, in the same process: what one sets the next one has.
 * The trap leaves a block at the command that failed; where it was called by a function the caller fails in turn.
 */
const loop = `
while IFS= read -r __block; do
  set -eEuo pipefail
  trap '__code=$?; [[ $BASHPID == $$ ]] || exit $__code; if [[ -z \${FUNCNAME[0]:-} ]]; then set +e; trap - ERR; fi; return $__code' ERR
  source "$__block" </dev/null >"$__block.out" 2>&1 3>&-
  __code=$?
  set +eEu
  trap - ERR
  echo "$__code" >&3
done
`;

/** A shell in which blocks of a walkthrough are run. */
export class Shell implements AsyncDisposable {
  readonly #options: ShellOptions;
  readonly #child: ChildProcess;
  readonly #codes: Interface;
  readonly #ended: Promise<number>;
  #count = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { folder, environment } = options;
    this.#child = spawn('bash', ['--noprofile', '--norc', '-c', loop], {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    });
    // A shell that has gone refuses what is written to it; that it has gone is known by then.
    this.#child.stdin?.on('error', () => undefined);
    this.#codes = createInterface({ input: this.#child.stdio[3] as Readable });
    this.#ended = once(this.#child, 'exit').then(([code]) => (code as number | null) ?? 1);
    this.#ended.catch(() => undefined);
  }

  /** Runs a block to its end, at most for `deadlineMs`; a block that ends the shell ends it for those after it, too. */
  async run(text: string, { deadlineMs, signal }: RunOptions): Promise<BlockEnd> {
    const { scripts, clock } = this.#options;
    this.#count += 1;
    const script = join(scripts, `block-${this.#count}.sh`);
    await writeFile(script, `${text}\n`);
    await writeFile(`${script}.out`, '');
    const expired = new Error('the block did not end in time');
    const exitCode = await withDeadline((stop) => this.#codeOf(script, stop), {
      deadlineMs,
      clock,
      signal,
      onExpired: () => expired,
    }).catch((error: unknown) => {
      if (error === expired) return null;
      throw error;
    });
    return { exitCode, printed: await readFile(`${script}.out`, 'utf8') };
  }

  /** Where it is now. */
  async folder(): Promise<string> {
    return (await this.run('pwd', { deadlineMs: 10_000 })).printed.trimEnd();
  }

  async #codeOf(script: string, signal: AbortSignal): Promise<number> {
    const line = once(this.#codes, 'line', { signal }).then(([code]) => Number(code));
    this.#child.stdin?.write(`${script}\n`);
    return await Promise.race([line, this.#ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    this.#codes.close();
    await this.#ended.catch(() => undefined);
  }
}
