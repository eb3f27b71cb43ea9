import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Instance } from '@maestro/bluegreen';
import { messageOf, Redacted, withDeadline } from '@maestro/core';
import { databaseSecrets } from '@maestro/registry';
import { createScrubber, prepareSecrets } from '@maestro/secrets';

import type { ScriptContext } from '../gates/script-gate.ts';
import type { Parts } from '../release/parts.ts';
import { releaseDocument, type ReleaseFacts } from '../release/release-document.ts';
import { commandVariables, secretVariables } from './command-variables.ts';
import { runCommand } from './run-command.ts';

/** On whose behalf programs and functions are called. */
export interface Caller {
  readonly parts: Pick<Parts, 'clock' | 'environment' | 'logger' | 'secrets'>;
  readonly facts: ReleaseFacts;
  /** Secrets of services that are known already, by service. */
  readonly known: ReadonlyMap<string, Readonly<Record<string, Redacted>>>;
  readonly instances: () => Promise<readonly Instance[]>;
}

export interface CallOptions {
  /** Of its step. */
  readonly step: string;
  /** Whose folder it is run in; null for the whole release. */
  readonly service: string | null;
  readonly signal: AbortSignal;
}

export interface CallOutcome {
  readonly passed: boolean;
  /** In words, such as `exit code 1`. */
  readonly exit: string;
  /** What it printed last, secrets taken out; empty where it passed. */
  readonly lines: readonly string[];
  /** The file with more of it; null where there is no more. */
  readonly log: string | null;
}

interface DefinedCommand {
  readonly command: readonly string[];
  readonly folder: string;
  readonly timeoutMs: number;
  readonly pass: readonly string[];
}

const shownLines = 20;
/** Of one line. */
const shownCharacters = 300;
const lookedUpMs = 10_000;

/** Runs a program of the registry with the release as JSON on its standard input. */
export async function callCommand(
  caller: Caller,
  { command, folder, timeoutMs, pass }: DefinedCommand,
  { step, service, signal }: CallOptions,
): Promise<CallOutcome> {
  const { parts, facts } = caller;
  const document = releaseDocument(facts, step, await caller.instances());
  const own = document.services.find(({ name }) => name === service);
  const told = {
    MAESTRO_PROJECT: document.project,
    MAESTRO_ENVIRONMENT: document.environment,
    MAESTRO_RELEASE: document.release,
    MAESTRO_STEP: step,
    ...(own === undefined ? {} : { MAESTRO_SERVICE: own.name, MAESTRO_REVISION: own.revision }),
    ...(own === undefined || own.url === null ? {} : { MAESTRO_INSTANCE_URL: own.url }),
  };
  const withheld = { inherited: process.env, secrets: secretNames(caller), pass };
  const variables = commandVariables({ ...withheld, told });
  const input = `${JSON.stringify(document)}\n`;
  const outcome = await runCommand({ command, folder, variables, input, timeoutMs, clock: parts.clock, signal });
  const { passed, exit, output } = outcome;
  if (passed) return { passed, exit, lines: [], log: null };
  const text = await scrubbed(caller, output, secretVariables(withheld));
  if (text === null) return { passed, exit, lines: [withheldOutput], log: null };
  return { passed, exit, lines: lastLines(text), log: await keep(caller, step, text) };
}

/** Calls a function of the deploy script. */
export async function callFunction(
  caller: Caller,
  work: (context: ScriptContext) => Promise<void> | void,
  {
    step,
    timeoutMs,
    say,
    signal,
  }: Omit<CallOptions, 'service'> & {
    readonly timeoutMs: number;
    readonly say: (message: string) => void;
  },
): Promise<CallOutcome> {
  const release = releaseDocument(caller.facts, step, await caller.instances());
  const late = new Error(`it did not end in ${timeoutMs} ms`);
  try {
    await withDeadline(async (inner) => work({ release, signal: inner, say }), {
      deadlineMs: timeoutMs,
      clock: caller.parts.clock,
      signal,
      onExpired: () => late,
    });
    return { passed: true, exit: 'done', lines: [], log: null };
  } catch (error) {
    signal.throwIfAborted();
    const message = error === late ? late.message : await scrubbed(caller, messageOf(error), []);
    return { passed: false, exit: message ?? withheldOutput, lines: [], log: null };
  }
}

/** As many as are of use in a message. */
export function lastLines(text: string): readonly string[] {
  const lines = text === '' ? [] : text.split(/\r?\n/);
  return lines.slice(-shownLines).map((line) => line.slice(0, shownCharacters));
}

const withheldOutput = 'withheld: it may hold a secret';

/** Without secrets; null where these cannot be looked up, and so could not be taken out. */
async function scrubbed(caller: Caller, output: string, variables: readonly string[]): Promise<string | null> {
  const text = output.trimEnd();
  if (text === '') return '';
  const secrets = await secretsOf(caller);
  if (secrets === null) return null;
  return createScrubber([...secrets, ...variables.map((value) => new Redacted(value))]).scrub(text);
}

/** Where there is more of it than a message shows; the next failure of the same step takes its place. */
async function keep({ parts, facts }: Caller, step: string, text: string): Promise<string | null> {
  if (text.split('\n').length <= shownLines) return null;
  const file = join(parts.environment.stateFolder, 'logs', `${step.replaceAll(':', '.')}.log`);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    return file;
  } catch (error) {
    parts.logger.warn('what a command printed cannot be kept', { release: facts.id, error: messageOf(error) });
    return null;
  }
}

async function secretsOf({ parts, facts, known }: Caller): Promise<readonly Redacted[] | null> {
  const { secrets: store, clock, logger } = parts;
  const needed = facts.services.map(({ name, secrets, database }) => ({
    name,
    secrets: [...new Set([...secrets, ...(database === null ? [] : databaseSecrets(database))])],
  }));
  const unknown = needed.filter(({ secrets }) => secrets.length > 0);
  const held = [...known.values()].flatMap((values) => Object.values(values));
  if (store === null || unknown.length === 0) return held;
  try {
    const prepared = await prepareSecrets({ store, services: unknown, deadlineMs: lookedUpMs, clock, logger });
    return [...held, ...unknown.flatMap(({ name }) => Object.values(prepared.forService(name)))];
  } catch (error) {
    logger.warn('what a command printed is withheld', { release: facts.id, reason: messageOf(error) });
    return null;
  }
}

function secretNames({ parts }: Caller): readonly string[] {
  return parts.environment.services.flatMap(({ secrets, database }) => [
    ...secrets,
    ...(database === null ? [] : databaseSecrets(database)),
  ]);
}
