import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** What figures were measured on; they mean nothing without it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly node: string;
  /** Null where this is no git checkout. */
  readonly commit: string | null;
  /** Whether files differ from the commit, untracked ones included. */
  readonly dirty: boolean | null;
}

export async function describeMachine(): Promise<Machine> {
  const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
  return {
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
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
