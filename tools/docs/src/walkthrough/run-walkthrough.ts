import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { type Clock, messageOf } from '@maestro/core';
import type { PartName, SuiteParts } from '@maestro/services';

import type { MarkdownDocument } from '../markdown/document.ts';
import type { Problem } from '../problem.ts';
import { configurationsIn, projectsIn, provideBaseImages, removeProjects } from './engine-traces.ts';
import { matchOutput } from './match-output.ts';
import { openReaderMachine, type ReaderMachine } from './reader-machine.ts';
import { Shell } from './shell.ts';
import { type Step, stepsOf } from './steps.ts';

/** What became of a step. */
export interface StepReport {
  readonly file: string;
  readonly line: number;
  readonly kind: Step['kind'];
  /** The command, the file written, or the reason it is not run. */
  readonly text: string;
  readonly durationMs: number;
  readonly exitCode: number | null;
  readonly printed: string;
  readonly problem: Problem | null;
}

export interface RunWalkthroughOptions {
  readonly document: MarkdownDocument;
  readonly suites: Partial<SuiteParts<PartName>>;
  readonly npmrc: string;
  readonly npmCache: string;
  readonly onStep: (report: StepReport) => void;
  /** Told about what takes long before the first block. */
  readonly say: (line: string) => void;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** For each block; five minutes by default. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Does what a walkthrough says, in a fresh folder and one shell, up to the first step that is not as it says. Everything
 * it started has ended, and what it made is gone, when this resolves.
 */
export async function runWalkthrough(options: RunWalkthroughOptions): Promise<readonly Problem[]> {
  const { suites, document, say, signal } = options;
  const { steps } = stepsOf(document);
  const texts = steps.map(({ block }) => block.text);
  await using machine = await openReaderMachine(options);
  if (suites.docker !== undefined) await provideBaseImages({ docker: suites.docker, texts, say, signal });
  try {
    return await runSteps(steps, machine, options);
  } finally {
    const configured = projectsIn([...texts, ...configurationsIn(machine.work)]);
    if (suites.docker !== undefined) await removeProjects(suites.docker, configured);
  }
}

async function runSteps(
  steps: readonly Step[],
  machine: ReaderMachine,
  options: RunWalkthroughOptions,
): Promise<readonly Problem[]> {
  const { clock, signal, document, onStep } = options;
  const { work: folder, scripts, environment } = machine;
  await using shell = new Shell({ folder, scripts, environment, clock });
  for (const step of steps) {
    signal?.throwIfAborted();
    const begun = clock.monotonic();
    const outcome = await perform(step, { shell, options });
    const { line } = step.block;
    const problem = outcome.message === null ? null : { file: document.path, line, message: outcome.message };
    onStep({
      file: document.path,
      line,
      kind: step.kind,
      text: textOf(step),
      durationMs: clock.monotonic() - begun,
      exitCode: outcome.exitCode,
      printed: outcome.printed,
      problem,
    });
    // What comes after would only fail for the same reason.
    if (problem !== null) return [problem];
  }
  return [];
}

interface Outcome {
  readonly exitCode: number | null;
  readonly printed: string;
  readonly message: string | null;
}

interface Place {
  readonly shell: Shell;
  readonly options: RunWalkthroughOptions;
}

const nothing: Outcome = { exitCode: null, printed: '', message: null };

async function perform(step: Step, place: Place): Promise<Outcome> {
  switch (step.kind) {
    case 'not-run':
      return nothing;
    case 'write':
      return await write(step, await place.shell.folder());
    case 'run':
      return await run(step, place);
  }
}

async function write({ block, file }: Extract<Step, { kind: 'write' }>, folder: string): Promise<Outcome> {
  const path = join(folder, file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await (block.info.append ? appendFile : writeFile)(path, `${block.text}\n`);
    return nothing;
  } catch (error) {
    return { ...nothing, message: `${file} cannot be written: ${messageOf(error)}` };
  }
}

async function run({ block, output }: Extract<Step, { kind: 'run' }>, { shell, options }: Place): Promise<Outcome> {
  const { deadlineMs = 5 * 60_000, signal } = options;
  const { exitCode, printed } = await shell.run(block.text, { deadlineMs, signal });
  const { exit } = block.info;
  const message =
    exitCode === null
      ? `did not end within ${deadlineMs / 1000} s; it printed\n${printed}`
      : exitCode !== exit
        ? `ended with ${exitCode}, not with ${exit}; it printed\n${printed}`
        : describeMismatch(output?.text ?? null, printed);
  return { exitCode, printed, message };
}

function describeMismatch(expected: string | null, printed: string): string | null {
  const mismatch = expected === null ? null : matchOutput(expected, printed);
  if (mismatch === null) return null;
  const where =
    mismatch.expected === null
      ? 'more was printed than the output block has'
      : `line ${mismatch.line} of the output block was not printed there: ${mismatch.expected}`;
  return `${where}; it printed\n${printed}`;
}

function textOf(step: Step): string {
  if (step.kind === 'not-run') return step.reason;
  return step.kind === 'write' ? step.file : step.block.text;
}
