import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** What figures were measured on; they mean nothing without it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  /** How many processes wanted a core in the minute before; null where it is not known. */
  readonly load: number | null;
  readonly node: string;
  /** Null where this is no git checkout. */
  readonly commit: string | null;
  /** Whether files differ from the commit, untracked ones included; results, and what is made of them, do not count. */
  readonly dirty: boolean | null;
}

/** A run that is stored changes these, and the next one would be of changed files. */
const ofResults = ['benchmarks/results', 'docs/benchmarks.md', 'docs/reliability.md'];

export async function describeMachine(): Promise<Machine> {
  const without = ofResults.map((path) => `:(top,exclude)${path}`);
  const [commit, changes] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('status', '--porcelain', '--', ':(top)', ...without),
  ]);
  return {
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    // Windows says 0 always.
    load: process.platform === 'win32' ? null : (loadavg()[0] ?? null),
    node: process.version,
    commit,
    dirty: changes === null ? null : changes !== '',
  };
}

async function git(...args: readonly string[]): Promise<string | null> {
  try {
    // Without its locks, which would be in the way of whoever commits at this moment.
    const options = ['--no-optional-locks', '-C', import.meta.dirname];
    const { stdout } = await promisify(execFile)('git', [...options, ...args], { timeout: 5_000 });
    return stdout.trim();
  } catch {
    return null;
  }
}
