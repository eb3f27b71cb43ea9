import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A folder as git sees it. */
export interface GitFacts {
  /** Such as `2.39.5`; null where git is not installed. */
  readonly version: string | null;
  readonly isRepository: boolean;
  /** Of HEAD; null while there is none. */
  readonly commit: string | null;
  readonly isShallow: boolean;
  /** Paths that differ from the commit, relative to the repository. */
  readonly changed: readonly string[];
  /** Of the paths asked about: those that git would take into a commit. */
  readonly committable: readonly string[];
  /** Of these: those that are in a commit already. */
  readonly tracked: readonly string[];
}

interface LookOptions {
  readonly folder: string;
  /** Folders whose changes count. */
  readonly contexts: readonly string[];
  /** Absolute paths that no commit should have. */
  readonly private: readonly string[];
  readonly signal: AbortSignal;
}

const none = { isRepository: false, commit: null, isShallow: false, changed: [], committable: [], tracked: [] };

/** Asks git, which writes nothing: not even its index is refreshed. */
export async function lookAtGit({ folder, contexts, private: paths, signal }: LookOptions): Promise<GitFacts> {
  const run = async (...args: readonly string[]) => {
    const options = { cwd: folder, signal, env: withoutGitVariables(), maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)('git', ['--no-optional-locks', ...args], options)).stdout;
  };
  const attempt = async (...args: readonly string[]) => {
    try {
      return await run(...args);
    } catch {
      signal.throwIfAborted();
      return null;
    }
  };
  const version = /\d+(?:\.\d+)*/.exec((await attempt('--version')) ?? '')?.[0] ?? null;
  if (version === null || (await attempt('rev-parse', '--is-inside-work-tree')) === null) return { version, ...none };
  const isIgnored = async (path: string) => (await attempt('check-ignore', '--quiet', '--', path)) !== null;
  const isTracked = async (path: string) => (await attempt('ls-files', '--error-unmatch', '--', path)) !== null;
  const [commit, shallow, changed, ignored, tracked] = await Promise.all([
    attempt('rev-parse', '--verify', '--quiet', 'HEAD'),
    attempt('rev-parse', '--is-shallow-repository'),
    attempt('status', '--porcelain=v1', '--untracked-files=all', '-z', '--', ...contexts),
    Promise.all(paths.map(isIgnored)),
    Promise.all(paths.map(isTracked)),
  ]);
  return {
    version,
    isRepository: true,
    commit: commit?.trim() ?? null,
    isShallow: shallow?.trim() === 'true',
    changed: (changed ?? '').split('\0').flatMap((line) => (/^.. /.test(line) ? [line.slice(3)] : [])),
    committable: paths.filter((_, index) => ignored[index] !== true || tracked[index] === true),
    tracked: paths.filter((_, index) => tracked[index] === true),
  };
}

/** A hook of git's exports where its own repository is. */
function withoutGitVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
}
