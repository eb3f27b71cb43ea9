import { Command as Program, CommanderError, Option } from 'commander';

import { addAbort } from './commands/abort.ts';
import type { AddCommand, Command } from './commands/command.ts';
import { addCompletion } from './commands/completion.ts';
import { addCompose } from './commands/compose.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExec } from './commands/exec.ts';
import { addHistory } from './commands/history.ts';
import { addImages } from './commands/images/images.ts';
import { addInit } from './commands/init.ts';
import { addLock } from './commands/lock/lock.ts';
import { addLogs } from './commands/logs.ts';
import { addMetrics } from './commands/metrics.ts';
import { addMigrate } from './commands/migrate/migrate.ts';
import { addPlan } from './commands/plan.ts';
import { addProxy } from './commands/proxy/proxy.ts';
import { addResume } from './commands/resume.ts';
import { addRollback } from './commands/rollback.ts';
import { addSecrets } from './commands/secrets/secrets.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { leavesOf } from './command-tree.ts';
import { type CliError, usageError } from './errors.ts';
import { examples } from './examples.ts';
import type { OutputStream } from './terminal.ts';
import { readVersion } from './version.ts';

const commands: readonly AddCommand[] = [
  addInit,
  addDoctor,
  addPlan,
  addDeploy,
  addRollback,
  addResume,
  addAbort,
  addStatus,
  addHistory,
  addLogs,
  addExec,
  addImages,
  addMigrate,
  addSecrets,
  addLock,
  addProxy,
  addMetrics,
  addCompose,
  addStop,
  addCompletion,
];

/** The flags every command takes, as they were given. */
export interface GlobalFlags {
  readonly environment?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
  readonly timeout?: string;
}

/** What the arguments ask for; `answered` when help or the version was all. */
export type Parsed =
  | { readonly kind: 'command'; readonly command: Command; readonly flags: GlobalFlags }
  | { readonly kind: 'misused'; readonly error: CliError; readonly flags: GlobalFlags }
  | { readonly kind: 'answered' };

export interface ParseOptions {
  /** Without the program and the script. */
  readonly argv: readonly string[];
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Reads the arguments; prints nothing but help and the version. */
export function parseArguments({ argv, stdout, stderr }: ParseOptions): Parsed {
  let chosen: Command | undefined;
  const program = commandLine({ stdout, stderr }, (command) => {
    chosen = command;
  });
  let flaw: CliError | undefined;
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'answered' };
    flaw = toUsageError(error, program);
  }
  const flags = program.opts<GlobalFlags>();
  if (chosen !== undefined && flaw === undefined) return { kind: 'command', command: chosen, flags };
  return { kind: 'misused', error: flaw ?? noCommand(), flags };
}

/** The whole command line, which tells `choose` what was asked for once it has parsed arguments. */
export function commandLine(
  { stdout, stderr }: Pick<ParseOptions, 'stderr' | 'stdout'>,
  choose: (command: Command) => void,
): Program {
  const program = createProgram(stdout, stderr);
  for (const add of commands) add(program, choose);
  for (const { path, command } of leavesOf(program)) {
    const lines = examples[path] ?? [];
    if (lines.length > 0) command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
  return program;
}

function createProgram(stdout: OutputStream, stderr: OutputStream): Program {
  return new Program('maestro')
    .description('Deploys a set of services with zero downtime.')
    .version(readVersion())
    .option('-e, --environment <name>', 'the environment to work on (or MAESTRO_ENVIRONMENT)')
    .option(
      '-c, --config <file>',
      'the configuration; by default maestro.config.{ts,mts,js,mjs,json,yaml,yml}, found upwards',
    )
    .option('--json', 'events and the result as one JSON object a line')
    .option('--yes', 'do not ask')
    .option('--quiet', 'no progress, only the result')
    .addOption(new Option('--verbose', 'log lines, and the causes of an error').conflicts('quiet'))
    .option('--no-color', 'no colours (or NO_COLOR)')
    .option('--timeout <duration>', 'stop and clean up after 90s, 5m or 1h')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Errors are reported in one place, the same way for people and programs.
      outputError: () => undefined,
    })
    .exitOverride();
}

/** Commander's message without its prefix, and the name it suggests as the next step. */
function toUsageError(error: CommanderError, program: Program): CliError {
  const help = `maestro ${[...askedPath(program), '--help'].join(' ')}`;
  if (error.code === 'commander.help') return noCommand(help);
  const [, message = error.message, , suggestion] =
    /^(?:error: )?(.*?)(\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  return usageError(message, suggestion === undefined ? help : `did you mean ${suggestion}?`);
}

/** The command that was named, as far as there is one: `images`, `rollback`. */
function askedPath(program: Program): readonly string[] {
  const [name] = program.args;
  const asked = program.commands.find((command) => command.name() === name);
  return asked === undefined ? [] : [asked.name(), ...askedPath(asked)];
}

function noCommand(help = 'maestro --help'): CliError {
  return usageError('no command given', help);
}
