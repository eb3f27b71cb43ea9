import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { isoTime, messageOf, reportError, systemClock } from '@maestro/core';

import { dryRun } from './dry-run.ts';
import { interrupted } from './errors.ts';
import type { PackageRow, Problem, ReleaseEvent, ReleaseResult } from './events.ts';
import { narrate } from './narrator.ts';
import { publishRelease } from './publish-release.ts';
import type { ReleaseContext } from './release-context.ts';
import { versionPackages } from './version-packages.ts';

const usage = `Usage: npm run release -- <command> [--json]
  --dry-run               release a copy of this tree to a local npm repository, and use each package alone
  version                 give the packages their next versions, by the changesets
  publish [--outside-ci]  publish what the npm repository does not have
  check [--update]        API reports, size limits, licences`;
const root = join(import.meta.dirname, '..', '..', '..');

interface Outcome {
  readonly packages: readonly PackageRow[];
  readonly problems: readonly Problem[];
}

interface Wanted {
  readonly json: boolean;
  readonly run: (context: ReleaseContext) => Promise<Outcome>;
}

function readArguments(): Wanted {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      options: { 'dry-run': flag, json: flag, 'outside-ci': flag, update: flag },
      allowPositionals: true,
    });
    const command = values['dry-run'] ? '--dry-run' : positionals[0];
    if (positionals.length > (values['dry-run'] ? 0 : 1)) throw new Error('one command at a time');
    return {
      json: values.json,
      run: commandNamed(command, { outsideCi: values['outside-ci'], update: values.update }),
    };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}\n`);
    process.exit(2);
  }
}

interface Flags {
  readonly outsideCi: boolean;
  readonly update: boolean;
}

function commandNamed(name: string | undefined, { outsideCi, update }: Flags): Wanted['run'] {
  const nothing: Outcome = { packages: [], problems: [] };
  switch (name) {
    case '--dry-run':
      return (context) => dryRun(root, context);
    case 'version':
      return (context) => versionPackages(root, context).then(() => nothing);
    case 'publish':
      return (context) => publishRelease({ root, outsideCi }, context);
    case 'check':
      return async (context) => {
        // Its tools take longer to load than all the rest.
        const { checkPackages } = await import('./check-packages.ts');
        return { packages: [], problems: await checkPackages({ root, update }, context) };
      };
    default:
      throw new Error(name === undefined ? 'no command' : `there is no command "${name}"`);
  }
}

const { json, run } = readArguments();

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second one changes nothing: npm passes Ctrl-C on although the terminal has sent it here already.
  process.on(signal, () => {
    interruption.abort(interrupted(signal));
  });
}

function emit(event: ReleaseEvent): void {
  const text = json ? JSON.stringify({ ...event, at: isoTime(systemClock) }) : narrate(event);
  if (text !== undefined) process.stdout.write(`${text}\n`);
}

const start = systemClock.monotonic();
const result = await run({ emit, clock: systemClock, signal: interruption.signal }).then(
  ({ packages, problems }): ReleaseResult => ({
    type: 'result',
    ok: problems.length === 0,
    durationMs: Math.round(systemClock.monotonic() - start),
    packages,
    problems,
  }),
  (error: unknown): ReleaseResult => ({ type: 'result', ok: false, error: reportError(error) }),
);
emit(result);
process.exitCode = interruption.signal.aborted ? 130 : result.ok ? 0 : 1;
