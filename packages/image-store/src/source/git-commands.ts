import { messageOf } from '@maestro/core';
import type { SimpleGit } from 'simple-git';

import { ImageStoreError } from '../errors.ts';

/** Git in one folder, answering the same whatever the user configured or a git hook exported. */
export interface GitCommands {
  /** What a command printed; throws `IMAGE_STORE_GIT_FAILED` when it failed. */
  run(...command: readonly string[]): Promise<string>;
  /** What a command that may well fail printed; undefined when it did. */
  attempt(...command: readonly string[]): Promise<string | undefined>;
  /** The bytes of objects, in the order of their names. */
  blobs(names: readonly string[]): Promise<readonly Uint8Array[]>;
}

const silenceMs = 60_000;

// Settings of the user's that would change which files are seen, or what they hold. What GIT_* variables say never gets
// here: simple-git takes them out of the environment.
const config = ['core.excludesFile=/dev/null', 'core.fsmonitor=false', 'core.useReplaceRefs=false'];

export function gitCommands({
  folder,
  signal,
}: {
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}): GitCommands {
  const open = (input?: string) => openGit({ folder, signal, input });
  const guarded = async <T>(work: Promise<T>, command: string): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      throw gitFailed(folder, command, error);
    }
  };
  const run = async (...command: readonly string[]) => {
    const global = ['--literal-pathspecs', '--no-optional-locks'];
    const git = await open();
    return guarded(git.raw([...global, ...command]), command.join(' '));
  };

  return {
    run,
    async attempt(...command) {
      try {
        return await run(...command);
      } catch {
        signal?.throwIfAborted();
        return undefined;
      }
    },
    async blobs(names) {
      if (names.length === 0) return [];
      const git = await open(names.map((name) => `${name}\n`).join(''));
      const output: Buffer = await guarded(readBatch(git), 'cat-file --batch');
      return splitBatch(names, output, folder);
    },
  };
}

async function openGit(options: {
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  readonly input: string | undefined;
}): Promise<SimpleGit> {
  const { folder, signal, input } = options;
  const { simpleGit } = await import('simple-git');
  return simpleGit({
    baseDir: folder,
    config,
    // Forbidden because a file system monitor is a command; here it is switched off.
    unsafe: { allowUnsafeFsMonitor: true },
    // By default output that arrives 50 ms after git's exit is lost.
    completion: { onClose: true, onExit: false },
    timeout: { block: silenceMs },
    // By default only a failure that printed something counts as one.
    errors: (error, { exitCode, stdErr }) =>
      error ?? (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString() || `exit code ${exitCode}`)),
    ...(signal === undefined ? {} : { abort: signal }),
    ...(input === undefined ? {} : { input: () => input }),
  });
}

async function readBatch(git: SimpleGit): Promise<Buffer> {
  const output: unknown = await git.binaryCatFile(['--batch', '--buffer']);
  if (!Buffer.isBuffer(output)) throw new Error('git cat-file printed no bytes');
  return output;
}

/** Takes apart `<name> <type> <size>\n<bytes>\n`, once for each object. */
function splitBatch(names: readonly string[], output: Buffer, folder: string): readonly Uint8Array[] {
  let at = 0;
  return names.map((name) => {
    const end = output.indexOf('\n', at);
    const [, type, size] = output.toString('latin1', at, end).split(' ');
    if (end === -1 || type !== 'blob' || size === undefined) {
      throw gitFailed(folder, `cat-file blob ${name}`, new Error('the object is missing: the clone is damaged'));
    }
    at = end + 1 + Number(size) + 1;
    return output.subarray(end + 1, at - 1);
  });
}

export function gitFailed(folder: string, command: string, cause: unknown): ImageStoreError {
  const said = messageOf(cause).trim();
  return new ImageStoreError('IMAGE_STORE_GIT_FAILED', `git ${command} failed in ${folder}: ${said}`, {
    hint: `run it there: git -C ${folder} ${command}`,
    cause,
  });
}
