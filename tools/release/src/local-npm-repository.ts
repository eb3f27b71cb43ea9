import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Clock, systemClock, withDeadline } from '@maestro/core';

import { repositoryStartFailed } from './errors.ts';
import type { RepositoryListens } from './local-npm-repository-process.ts';
import { runProgram } from './run-program.ts';

export interface LocalNpmRepositoryOptions {
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** An npm repository of this machine alone. `await using` ends it and removes what it holds. */
export interface LocalNpmRepository extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123/`. */
  readonly url: string;
  /** The text of an `.npmrc` with which npm installs from it and publishes to it, as nobody in particular. */
  readonly npmrc: string;
  /** Publishes a tarball, or a folder with a built package. Throws RELEASE_PROGRAM_FAILED. */
  publish(tarballOrFolder: string): Promise<void>;
}

const startDeadlineMs = 60_000;
const publishDeadlineMs = 2 * 60_000;
const endDeadlineMs = 10_000;

/**
 * Starts an npm repository on a free port of 127.0.0.1 that takes `@maestro/*` from anybody and fetches everything else
 * from the registry that npm of this machine is configured for. It ends with this process. Throws
 * RELEASE_REPOSITORY_START_FAILED.
 */
export async function openLocalNpmRepository(options: LocalNpmRepositoryOptions = {}): Promise<LocalNpmRepository> {
  const { clock = systemClock, signal } = options;
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'maestro-npm-repository-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const uplink = await configuredRegistry({ folder, clock, signal });
  await writeFile(join(folder, 'config.json'), JSON.stringify(configuration({ folder, uplink })));
  const child = opened.adopt(start(folder), (started) => end(started, clock));
  const port = await portOf({ child, folder, clock, signal });
  const npmrc = npmrcFor(port);
  const userConfig = join(folder, 'npmrc');
  await writeFile(userConfig, npmrc);
  const parts = opened.move();
  return {
    url: `http://127.0.0.1:${port}/`,
    npmrc,
    publish: async (tarballOrFolder) => {
      await runProgram({
        program: 'npm',
        args: ['publish', tarballOrFolder, '--ignore-scripts', '--userconfig', userConfig, '--loglevel=error'],
        folder,
        deadlineMs: publishDeadlineMs,
        clock,
        signal,
      });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function configuredRegistry(options: { folder: string; clock: Clock; signal?: AbortSignal | undefined }) {
  const { stdout } = await runProgram({
    program: 'npm',
    args: ['config', 'get', 'registry'],
    deadlineMs: startDeadlineMs,
    ...options,
  });
  return stdout.trim();
}

/** JSON is YAML, which is what the server reads. */
function configuration({ folder, uplink }: { readonly folder: string; readonly uplink: string }) {
  return {
    storage: join(folder, 'storage'),
    web: { enable: false },
    // Nobody has an account: everybody may do everything.
    auth: { htpasswd: { file: join(folder, 'htpasswd'), max_users: -1 } },
    uplinks: { configured: { url: uplink, maxage: '60m', timeout: '60s', fail_timeout: '10s', max_fails: 10 } },
    packages: {
      '@maestro/*': { access: '$all', publish: '$all', unpublish: '$all' },
      '**': { access: '$all', proxy: 'configured' },
    },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'warn', colors: false },
  };
}

function start(folder: string): ChildProcess {
  const program = fileURLToPath(new URL('./local-npm-repository-process.ts', import.meta.url));
  const child = fork(program, [join(folder, 'config.json')], {
    cwd: folder,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(join(folder, 'log'));
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

interface Started {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

async function portOf({ child, folder, clock, signal }: Started): Promise<number> {
  const ended = once(child, 'exit').then(async () => {
    throw repositoryStartFailed(`it ended at once\n${await lastLines(folder)}`);
  });
  // Also rejects when it ends much later, when nobody listens any more.
  ended.catch(() => undefined);
  const listens = (stop: AbortSignal) =>
    once(child, 'message', { signal: stop }).then(([message]) => (message as RepositoryListens).port);
  return await withDeadline((stop) => Promise.race([listens(stop), ended]), {
    deadlineMs: startDeadlineMs,
    clock,
    signal,
    onExpired: () => repositoryStartFailed(`it did not listen after ${startDeadlineMs} ms`),
  });
}

async function end(child: ChildProcess, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await withDeadline(() => exited, {
    deadlineMs: endDeadlineMs,
    clock,
    onExpired: () => new Error(`process ${child.pid ?? '?'} ignored SIGTERM`),
  }).catch(async () => {
    child.kill('SIGKILL');
    await exited;
  });
}

function npmrcFor(port: number): string {
  return [
    `registry=http://127.0.0.1:${port}/`,
    // npm publishes only with a token, whatever the server makes of it.
    `//127.0.0.1:${port}/:_authToken=nobody`,
    'audit=false',
    'fund=false',
    'update-notifier=false',
    '',
  ].join('\n');
}

async function lastLines(folder: string): Promise<string> {
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  return log.trim().split('\n').slice(-5).join('\n');
}
