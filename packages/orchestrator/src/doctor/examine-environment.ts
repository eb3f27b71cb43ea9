import { join } from 'node:path';

import {
  createEmitter,
  isMaestroError,
  type Observer,
  reportError,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';
import { type LoadedRegistry, loadRegistry, resolveEnvironment, type ResolvedEnvironment } from '@maestro/registry';

import { OrchestratorError } from '../errors.ts';
import { FileLock } from '../lock/file-lock.ts';
import { openEnvironment, type OpenEnvironmentOptions } from '../open-environment.ts';
import { type Check, failedCheck } from './check.ts';
import { checks } from './checks.ts';
import { type CheckEvent, type CheckFinding, type Examination, failed, ok } from './finding.ts';
import { openWorld } from './open-world.ts';
import type { World } from './world.ts';

export interface ExamineOptions extends OpenEnvironmentOptions {
  /** For each check; 30 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly onEvent?: Observer<CheckEvent> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks everything that a deployment of this environment needs, side by side, each check within its deadline; what goes
 * wrong with a check is its finding. Changes nothing: an upload is begun in the image repository and taken back, free ports
 * are listened on for a moment, and an nginx that is run in a container tries its configuration in one that is removed.
 * Rejects only with the signal's reason.
 */
export async function examineEnvironment(options: ExamineOptions): Promise<Examination> {
  const { environment, clock = systemClock, logger = silentLogger, onEvent, signal } = options;
  const emit = createEmitter<CheckEvent>({ onEvent, clock, logger });
  const told = (finding: CheckFinding) => {
    emit({ type: 'check-finished', finding });
    return finding;
  };
  const { findings, resolved } = await readConfiguration(options);
  findings.forEach(told);
  if (resolved === null) return { environment, findings };
  const { deadlineMs = 30_000 } = options;
  // What still looks when the last check has ended is ended with it.
  const end = new AbortController();
  const outer = signal === undefined ? end.signal : AbortSignal.any([signal, end.signal]);
  await using opened = await openEnvironment(options);
  const lock = new FileLock({ folder: join(resolved.stateFolder, 'locks'), clock, logger });
  const world = openWorld({ environment: resolved, opened, lock, clock, logger, signal: outer });
  try {
    const found = await Promise.all(
      checks.map(async (check) => told(await runCheck(check, world, { deadlineMs, signal }))),
    );
    return { environment, findings: [...findings, ...found] };
  } finally {
    end.abort();
  }
}

interface Limits {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

async function runCheck(check: Check, world: World, { deadlineMs, signal }: Limits): Promise<CheckFinding> {
  const late = () =>
    new OrchestratorError('ORCHESTRATOR_CHECK_TIMEOUT', `no answer within ${deadlineMs / 1000} s`, {
      hint: 'maestro doctor --verbose',
      retryable: true,
    });
  try {
    return await withDeadline(() => check.run(world), { deadlineMs, clock: world.clock, signal, onExpired: late });
  } catch (error) {
    signal?.throwIfAborted();
    return failedCheck(check, error);
  }
}

interface ReadConfiguration {
  readonly findings: readonly CheckFinding[];
  /** Null where nothing further can be told. */
  readonly resolved: ResolvedEnvironment | null;
}

const named = (name: string) => ({ name, group: 'configuration' }) as const;

async function readConfiguration(options: ExamineOptions): Promise<ReadConfiguration> {
  const { config, cwd, environment, clock, signal } = options;
  let loaded: LoadedRegistry;
  try {
    loaded = await loadRegistry({ config, cwd, clock, signal });
  } catch (error) {
    signal?.throwIfAborted();
    return { findings: unreadable(error), resolved: null };
  }
  const read = [
    { check: 'configuration', group: 'configuration', ...ok(loaded.file) } as const,
    { check: 'configuration-valid', group: 'configuration', ...ok('no problems') } as const,
  ];
  try {
    const resolved = resolveEnvironment(loaded, environment);
    const count = resolved.services.length;
    const message = `${count} ${count === 1 ? 'service' : 'services'}, runtime ${resolved.runtime}`;
    return { findings: [...read, { check: 'environment', group: 'configuration', ...ok(message) }], resolved };
  } catch (error) {
    return { findings: [...read, failedCheck(named('environment'), error)], resolved: null };
  }
}

function unreadable(error: unknown): readonly CheckFinding[] {
  if (!isMaestroError(error, 'REGISTRY_NOT_FOUND')) return [failedCheck(named('configuration-valid'), error)];
  const { code, message } = reportError(error);
  return [{ check: 'configuration', group: 'configuration', ...failed(message, 'maestro init'), code }];
}
