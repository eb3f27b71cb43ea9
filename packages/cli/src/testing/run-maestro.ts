import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

import type { Clock } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import type { Environment } from '@maestro/orchestrator';

import type { OpenEnvironment } from '../cli-options.ts';
import type { Library } from '../library.ts';
import { runCli } from '../run-cli.ts';
import type { Variables } from '../terminal.ts';
import { fakeEnvironment, unexpected } from './fake-environment.ts';
import { RecordedStream } from './recorded-stream.ts';
import { noon } from './sample-data.ts';

export interface RunMaestroOptions {
  readonly environment?: Partial<Environment>;
  readonly openEnvironment?: OpenEnvironment;
  readonly library?: Partial<Library>;
  /** Whether all three streams are a terminal; not by default. */
  readonly terminal?: boolean;
  /** What a person types. */
  readonly typed?: string;
  readonly env?: Variables;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly letGoOfSignals?: () => void;
  readonly favourMemory?: () => void;
}

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  /** Without colours and cursor movements. */
  readonly stderr: string;
  readonly rawStdout: string;
  /** The lines of stdout, read as JSON. */
  readonly jsonLines: () => readonly unknown[];
}

/** Runs a command line such as `status -e production` on a fake environment. */
export async function runMaestro(commandLine: string, options: RunMaestroOptions = {}): Promise<Finished> {
  const isTTY = options.terminal ?? false;
  const stdout = new RecordedStream({ isTTY });
  const stderr = new RecordedStream({ isTTY });
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(options.typed ?? '');
  const exitCode = await runCli({
    argv: commandLine.split(' ').filter((word) => word !== ''),
    program: ['/usr/bin/node', '/srv/shop/node_modules/.bin/maestro'],
    user: 'deploy',
    stdin,
    stdout,
    stderr,
    env: options.env ?? {},
    clock: options.clock ?? new ManualClock(noon),
    signal: options.signal ?? new AbortController().signal,
    letGoOfSignals: options.letGoOfSignals ?? (() => undefined),
    favourMemory: options.favourMemory ?? (() => undefined),
    library: {
      examineEnvironment: unexpected,
      initProject: unexpected,
      renderComposeFile: unexpected,
      importComposeFile: unexpected,
      ...options.library,
    },
    openEnvironment: options.openEnvironment ?? (() => Promise.resolve(fakeEnvironment(options.environment ?? {}))),
  });
  return {
    exitCode,
    stdout: stripVTControlCharacters(stdout.text),
    stderr: stripVTControlCharacters(stderr.text),
    rawStdout: stdout.text,
    jsonLines: () =>
      stdout.text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
  };
}
