import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const replaceOrchestrator = new URL('../fixtures/replace-orchestrator.ts', import.meta.url).href;

/** The program as users start it, from its sources. */
export class MaestroProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], nodeOptions: readonly string[] = []) {
    this.child = spawn(process.execPath, ['--conditions=@maestro/source', ...nodeOptions, main, ...args]);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#ended = once(this.child, 'close');
    onTestFinished(() => {
      this.child.kill('SIGKILL');
    });
  }

  /** With environments of the tests, such as `endless`. */
  static onFakes(...args: readonly string[]): MaestroProcess {
    return new MaestroProcess(args, [`--import=${replaceOrchestrator}`]);
  }

  /** Waits for its end and returns its exit code. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  /** Waits until stderr holds a text. */
  async says(text: string): Promise<void> {
    while (!this.stderr.includes(text)) await once(this.child.stderr, 'data');
  }
}
