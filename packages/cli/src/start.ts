import { userInfo } from 'node:os';
import { setFlagsFromString } from 'node:v8';

import { systemClock } from '@maestro/core';

import { interrupted } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { runCli } from './run-cli.ts';

// npm passes on the Ctrl-C that a terminal sent to both: what follows this soon is the same one.
const sameInterruptionMs = 500;

const interruption = new AbortController();
let interruptedAt = 0;
const interrupt = (signalName: NodeJS.Signals) => {
  if (!interruption.signal.aborted) {
    interruptedAt = systemClock.monotonic();
    interruption.abort(interrupted(signalName));
    return;
  }
  // Whoever asks twice does not want to wait for cleaning up; `maestro resume` and `abort` know what to do.
  if (systemClock.monotonic() - interruptedAt > sameInterruptionMs) process.exit(exitCodes.interrupted);
};
const interruptions = ['SIGINT', 'SIGTERM'] as const;
for (const signalName of interruptions) process.on(signalName, interrupt);

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away, such as `head`, is no reason to drop a release half-way.
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
  user: userInfo().username,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: systemClock,
  signal: interruption.signal,
  letGoOfSignals: () => {
    for (const signalName of interruptions) process.off(signalName, interrupt);
  },
  favourMemory: () => {
    setFlagsFromString('--optimize-for-size');
  },
  openEnvironment: async (options) => {
    // Loaded here, so that help and mistakes answer at once.
    const { openEnvironment } = await import('@maestro/orchestrator');
    return openEnvironment(options);
  },
  library: {
    examineEnvironment: async (options) => {
      const { examineEnvironment } = await import('@maestro/orchestrator');
      return examineEnvironment(options);
    },
    initProject: async (options) => {
      const { initProject } = await import('@maestro/orchestrator');
      return initProject(options);
    },
    renderComposeFile: async (options) => {
      const { renderComposeFile } = await import('@maestro/orchestrator');
      return renderComposeFile(options);
    },
    importComposeFile: async (options) => {
      const { importComposeFile } = await import('@maestro/orchestrator');
      return importComposeFile(options);
    },
  },
});
