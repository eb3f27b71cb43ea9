import { type Instance, liveSlot, type Slot } from '@maestro/bluegreen';
import { selectServices } from '@maestro/registry';

import type { Parts } from '../release/parts.ts';
import { notRunning } from './errors.ts';

export interface ChosenService {
  readonly service: string;
  /** What is live by default, and what else is there where nothing is. */
  readonly slot?: Slot | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The instance of a service that an operator means. Throws `REGISTRY_UNKNOWN_SERVICE`, `ORCHESTRATOR_NOT_RUNNING`. */
export async function chosenInstance(
  parts: Pick<Parts, 'blueGreen' | 'environment'>,
  { service, slot, signal }: ChosenService,
): Promise<Instance> {
  const { generation, instances } = await parts.blueGreen().observe({ signal });
  const own = instances.filter((one) => one.service === service);
  // What the registry no longer has may still run.
  if (own.length === 0) selectServices(parts.environment.services, [service]);
  const wanted = slot ?? liveSlot(generation, service);
  // Workers are in no generation.
  const byUse = own.toSorted((a, b) => Number(b.state === 'running') - Number(a.state === 'running'));
  const found = byUse.find((one) => wanted === undefined || one.slot === wanted);
  if (found === undefined) {
    throw notRunning(service, wanted === undefined ? 'is not deployed' : `has nothing in ${wanted}`);
  }
  return found;
}
