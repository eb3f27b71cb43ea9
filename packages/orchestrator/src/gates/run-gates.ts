import { readFile, stat } from 'node:fs/promises';

import { isMaestroError, type MaestroError, messageOf } from '@maestro/core';

import { callCommand, callFunction } from '../commands/call.ts';
import { OrchestratorError } from '../errors.ts';
import type { GateDefinition } from '../release/call-definition.ts';
import { concurrently } from '../release/concurrently.ts';
import type { Parts } from '../release/parts.ts';
import type { ReleaseDefinition } from '../release/release-definition.ts';
import type { ReleaseRun } from '../release/release-run.ts';
import { scrubInstance } from '../release/scrub-instance.ts';
import { coverageShortfalls } from './coverage.ts';
import { type GateFailure, gateFailed, gatesFailed } from './errors.ts';

/** Tests and lints keep a processor busy each. */
const sideBySide = 4;

/**
 * Has a release meet its gates after a stage, a few side by side and all of them to their end: whoever mends one wants to
 * know of the others. Throws `ORCHESTRATOR_GATE_FAILED`.
 */
export async function runGates(run: ReleaseRun, after: GateDefinition['after'], signal: AbortSignal): Promise<void> {
  const gates = run.definition.gates.filter((gate) => gate.after === after && run.has(gate.id));
  await refuseOtherSources(run.parts, { definition: run.definition, gates, signal });
  const failures: MaestroError[] = [];
  const waiting = [...gates];
  await concurrently([...Array(sideBySide).keys()], signal, async (_, inner) => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift()) {
      const failure = await failureOf(run, gate, inner);
      if (failure !== null) failures.push(failure);
    }
  });
  if (failures.length > 0) throw gatesFailed(failures);
}

async function failureOf(run: ReleaseRun, gate: GateDefinition, signal: AbortSignal): Promise<MaestroError | null> {
  try {
    await run.step(gate.id, () => check(run, gate, signal));
    return null;
  } catch (error) {
    if (isMaestroError(error, 'ORCHESTRATOR_GATE_FAILED')) return error;
    throw error;
  }
}

async function check(run: ReleaseRun, gate: GateDefinition, signal: AbortSignal): Promise<void> {
  const fail = (failure: Omit<GateFailure, 'gate'>) => gateFailed({ gate: nameOf(gate), ...failure });
  const { id: step, service } = gate;
  switch (gate.kind) {
    case 'http':
      await ask(run, gate, signal);
      return;
    case 'function': {
      const script = run.scripts.gates.find(({ name }) => name === gate.name);
      if (script === undefined) throw new Error(`the gate ${gate.name} is no function of this script`);
      const say = (message: string) => {
        run.say(step, message);
      };
      const { timeoutMs } = gate;
      const { passed, exit } = await callFunction(run.caller, script.check, { step, timeoutMs, say, signal });
      if (!passed) throw fail({ detail: exit, lines: [], log: null });
      return;
    }
    case 'command': {
      const { coverage } = gate;
      const before = coverage === null ? null : await writtenAt(coverage.file);
      const { passed, exit, lines, log } = await callCommand(run.caller, gate, { step, service, signal });
      if (!passed) throw fail({ detail: `${gate.command.join(' ')}: ${exit}`, lines, log });
      if (coverage === null) return;
      const written = await writtenAt(coverage.file);
      if (written === null || written === before)
        throw fail({ detail: `${gate.command.join(' ')} did not write ${coverage.file}`, lines: [], log: null });
      const shortfalls = coverageShortfalls(await readFile(coverage.file, 'utf8'), coverage.minimum);
      if (shortfalls.length > 0) throw fail({ detail: shortfalls.join('; '), lines: [], log: null });
    }
  }
}

/** Each replica directly, then through the proxy with the Host that outsiders use. */
async function ask(
  run: ReleaseRun,
  gate: GateDefinition & { readonly kind: 'http' },
  signal: AbortSignal,
): Promise<void> {
  const service = run.definition.services.find(({ name }) => name === gate.service);
  const move = run.moveOf(gate.service ?? '');
  if (service === undefined || move === undefined) return;
  try {
    await run.parts.blueGreen().probe({
      service: service.name,
      slot: move.slot,
      check: gate.check,
      host: service.route?.host ?? null,
      traffic: service.strategy.kind !== 'worker',
      scrub: scrubInstance(run, service),
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!isMaestroError(error)) throw error;
    throw gateFailed({ gate: nameOf(gate), detail: messageOf(error), lines: [], log: null });
  }
}

export interface OtherSourcesOptions {
  readonly definition: Pick<ReleaseDefinition, 'inputHashes'>;
  /** Those that are to be run. */
  readonly gates: readonly GateDefinition[];
  readonly signal: AbortSignal;
}

/** Commands are run in the working tree: they must find there what is deployed. Throws `ORCHESTRATOR_GATE_FAILED`. */
export async function refuseOtherSources(
  parts: Pick<Parts, 'environment' | 'images'>,
  { definition: { inputHashes }, gates, signal }: OtherSourcesOptions,
): Promise<void> {
  if (!gates.some(({ kind, after }) => kind === 'command' && after === 'images')) return;
  const services = parts.environment.services.filter(({ name }) => inputHashes[name] !== undefined);
  const found = await parts.images.propose(services, { ref: undefined, signal });
  const others = found.filter(({ service, inputHash }) => inputHashes[service.name] !== inputHash);
  if (others.length === 0) return;
  const names = others.map(({ service }) => service.name).join(', ');
  throw new OrchestratorError(
    'ORCHESTRATOR_GATE_FAILED',
    `gates are run in the working tree, whose files of ${names} are not those that are deployed`,
    {
      hint: 'check out the commit that is deployed; or deploy the working tree, without --ref',
      details: { services: others.map(({ service }) => service.name) },
    },
  );
}

function nameOf({ name, service }: Pick<GateDefinition, 'name' | 'service'>): string {
  return service === null ? name : `${name} of ${service}`;
}

async function writtenAt(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.mtimeMs ?? null;
}
