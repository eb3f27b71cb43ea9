import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { systemClock } from '@maestro/core';
import { copyTree, type TreeCopy } from '@maestro/release';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** This workspace as it is in the working tree, in a temporary folder, with programs to be run in it. */
export class WorkspaceCopy implements AsyncDisposable {
  readonly root: string;
  readonly #tree: TreeCopy;

  private constructor(tree: TreeCopy) {
    this.#tree = tree;
    this.root = realpathSync(tree.folder);
  }

  static async make(): Promise<WorkspaceCopy> {
    return new WorkspaceCopy(await copyTree({ root: workspace, clock: systemClock }));
  }

  /** Runs a program of the workspace and returns what it printed; a failure says all of it. */
  run(program: string, args: readonly string[]): string {
    const { all, ok } = this.attempt(program, args);
    if (!ok) throw new Error(`${program} ${args.join(' ')} failed:\n${all}`);
    return all;
  }

  attempt(program: string, args: readonly string[]): { readonly ok: boolean; readonly all: string } {
    const bin = join(this.root, 'node_modules', '.bin');
    try {
      const stdout = execFileSync(join(bin, program), args, {
        cwd: this.root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, NX_DAEMON: 'false', CI: 'true' },
      });
      return { ok: true, all: stdout };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
      return { ok: false, all: `${stdout}${stderr}` };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tree[Symbol.asyncDispose]();
  }
}
