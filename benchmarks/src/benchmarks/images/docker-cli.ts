import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { BenchmarkError } from '../../errors.ts';

/** The peer: each command is a process of its own, as in somebody's script. */
export interface DockerCli {
  /** Runs a command to its end and returns what it printed. Throws `BENCH_PEER_FAILED`. */
  run(args: readonly string[], onStart?: (pid: number) => void): Promise<string>;
}

export interface DockerCliOptions {
  /** `unix:///…` */
  readonly engine: string;
  readonly signal: AbortSignal;
}

const deadlineMs = 300_000;

export async function openDockerCli({ engine, signal }: DockerCliOptions): Promise<DockerCli> {
  const programs = await findPrograms();
  return {
    async run(args, onStart) {
      const program = args[0] === 'build' ? programs.build : programs.docker;
      const env = { ...process.env, ...program.env, DOCKER_HOST: engine };
      const running = promisify(execFile)(program.path, [...args], { env, signal, timeout: deadlineMs });
      if (running.child.pid !== undefined) onStart?.(running.child.pid);
      try {
        return (await running).stdout.trim();
      } catch (error) {
        signal.throwIfAborted();
        throw failed(`docker ${args.join(' ')} failed: ${lastLine(error)}`, `DOCKER_HOST=${engine} docker version`);
      }
    },
  };
}

/** The version of the client that does everything but build. */
export async function dockerVersion(): Promise<string> {
  return versionOf((await findPrograms()).docker);
}

/** The version of the client that builds, and which of the engine's builders it does that with. */
export async function dockerBuildVersion(): Promise<string> {
  const { build } = await findPrograms();
  return `${await versionOf(build)} (${build.env.DOCKER_BUILDKIT === '1' ? 'BuildKit' : 'classic builder'})`;
}

interface Program {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The first client on the PATH, and to build the first one that has BuildKit, which new ones leave to a plugin that may
 * be missing: the classic builder would be a peer that is easily beaten.
 */
async function findPrograms(): Promise<{ readonly docker: Program; readonly build: Program }> {
  const paths: string[] = [];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'docker');
    if (await isExecutable(path)) paths.push(path);
  }
  const [first] = paths;
  if (first === undefined) throw failed('there is no docker on the PATH', 'apt-get install docker.io');
  for (const path of paths) {
    const program = { path, env: { DOCKER_BUILDKIT: '1' } };
    if (await succeeds(program, 'build', '--help')) return { docker: { path: first, env: {} }, build: program };
  }
  return { docker: { path: first, env: {} }, build: { path: first, env: { DOCKER_BUILDKIT: '0' } } };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function succeeds({ path, env }: Program, ...args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(path, [...args], { env: { ...process.env, ...env }, timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

async function versionOf({ path }: Program): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 });
  return /version (?<version>[^\s,]+)/.exec(stdout)?.groups?.version ?? stdout.trim();
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { readonly stderr?: string };
  return (stderr ?? message).trim().split('\n').at(-1) ?? message;
}

function failed(message: string, hint: string): BenchmarkError {
  return new BenchmarkError('BENCH_PEER_FAILED', message, { hint });
}
