import type { Instance } from '@maestro/bluegreen';

import type { Parts } from '../release/parts.ts';
import type { ServiceDefinition } from '../release/release-definition.ts';
import { type ChosenService, chosenInstance } from './chosen-instance.ts';
import { notRunning } from './errors.ts';

export interface ExecOptions extends ChosenService {
  /** Arguments, the program first. */
  readonly command: readonly string[];
  /** Which of the copies of a container, from 0 on; 0 by default. */
  readonly replica?: number | undefined;
}

/** How a program ended that was run beside a service. */
export interface ExecResult {
  readonly slot: 'blue' | 'green';
  /** As a shell has it. */
  readonly exitCode: number;
}

/** A program for the place of an instance; its streams are those of this process. */
interface BesideInstance extends Pick<ExecOptions, 'command' | 'signal'> {
  readonly instance: Instance;
  readonly definition: ServiceDefinition;
  readonly replica: number;
}

export type RunBeside = (request: BesideInstance) => Promise<{ readonly exitCode: number }>;

/** Runs a program in the place of the instance that is meant, which must be running. */
export async function execInService(
  parts: Pick<Parts, 'blueGreen' | 'definitions' | 'environment' | 'runBeside'>,
  options: ExecOptions,
): Promise<ExecResult> {
  const { service, command, replica = 0, signal } = options;
  const instance = await chosenInstance(parts, options);
  const { slot, state, release } = instance;
  if (state !== 'running') throw notRunning(service, `is ${state} in ${slot}`);
  const definition = (await parts.definitions.read(release)).services.find(({ name }) => name === service);
  if (definition === undefined) throw notRunning(service, `is not in release ${release}, which started it`);
  const { exitCode } = await parts.runBeside({ instance, definition, command, replica, signal });
  return { slot, exitCode };
}
