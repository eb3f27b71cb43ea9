import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** This workspace as it is in the working tree, in a temporary folder, on the dependencies that are installed here. */
export class WorkspaceCopy implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-generators-')));

  constructor() {
    for (const file of filesOf(workspace)) {
      const target = join(this.root, file);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(workspace, file), target, { verbatimSymlinks: true });
    }
    linkDependencies({ from: workspace, to: this.root });
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

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function filesOf(folder: string): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).split('\0').filter(Boolean);
  // What is deleted and not yet committed is still listed.
  return listed.filter((file) => existsSync(join(folder, file)));
}

/** Every dependency by a link of its own, as the workspace's packages must be those of the copy. */
function linkDependencies({ from, to }: { readonly from: string; readonly to: string }): void {
  const folders = [
    'node_modules',
    ...filesOf(from)
      .filter(isManifest)
      .map((file) => join(dirname(file), 'node_modules')),
  ];
  for (const folder of folders.filter((path) => existsSync(join(from, path)))) {
    mkdirSync(join(to, folder, '@maestro'), { recursive: true });
    for (const name of readdirSync(join(from, folder))) {
      if (name !== '@maestro') symlinkSync(join(from, folder, name), join(to, folder, name));
    }
  }
  for (const name of readdirSync(join(from, 'node_modules/@maestro'))) {
    const target = relative(from, realpathSync(join(from, 'node_modules/@maestro', name)));
    symlinkSync(join(to, target), join(to, 'node_modules/@maestro', name));
  }
}

function isManifest(file: string): boolean {
  return /^(packages|tools|examples)\/[^/]+\/package\.json$/.test(file);
}
