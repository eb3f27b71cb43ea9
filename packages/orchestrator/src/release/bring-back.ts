import { type Instance, type InstanceKey, liveSlot, type Slot } from '@maestro/bluegreen';

import { instanceSpec } from './instance-spec.ts';
import { obtainableSecrets } from './obtainable-secrets.ts';
import type { ServiceDefinition } from './release-definition.ts';
import type { ReleaseRun } from './release-run.ts';

type Attempt = (service: string, work: () => Promise<void>) => Promise<void>;

/** Starts again what a release ended because it cannot run beside its successor, and gives it its traffic back. */
export async function bringBack(run: ReleaseRun, instances: readonly Instance[], attempt: Attempt): Promise<void> {
  const { definition, parts, generation } = run;
  if (definition.previous === null || generation?.release !== definition.previous) return;
  const before = await parts.definitions.read(definition.previous);
  const ended = before.services.filter((service) => hasEnded(run, service, instances));
  for (const service of ended) {
    await attempt(service.name, () =>
      startAgain(run, service, { release: before.id, slot: slotOf(service, instances) }),
    );
  }
}

/** Only what was ended on purpose: what crashed by itself is for the next deployment to mend. */
function hasEnded({ generation }: ReleaseRun, service: ServiceDefinition, instances: readonly Instance[]): boolean {
  const own = instances.filter((instance) => instance.service === service.name && isOf(service, instance));
  if (own.some(({ state }) => state === 'running')) return false;
  if (service.strategy.kind === 'recreate') return liveSlot(generation, service.name) === undefined;
  return service.strategy.kind === 'worker' && own.some(({ state }) => state === 'stopped');
}

function slotOf(service: ServiceDefinition, instances: readonly Instance[]): Slot {
  const own = instances.filter((instance) => instance.service === service.name);
  return (
    own.find((instance) => isOf(service, instance))?.slot ??
    (own.some(({ slot }) => slot === 'blue') ? 'green' : 'blue')
  );
}

function isOf({ digest, configHash }: ServiceDefinition, instance: Instance): boolean {
  return instance.digest === digest && instance.configHash === configHash;
}

async function startAgain(
  run: ReleaseRun,
  service: ServiceDefinition,
  { release, slot }: { readonly release: string; readonly slot: Slot },
): Promise<void> {
  const { blueGreen, parts } = run;
  const { name, health, route, strategy } = service;
  const addresses = run.addresses?.services ?? (await parts.addresses())?.services ?? {};
  const secrets = await obtainableSecrets(parts, service);
  await blueGreen.start(instanceSpec({ release, slot, service, addresses, secrets }));
  const isWorker = strategy.kind === 'worker';
  await blueGreen.probe({ service: name, slot, check: health, host: route?.host ?? null, traffic: !isWorker });
  if (isWorker) await blueGreen.keepRunning({ service: name, slot });
  else await giveTrafficBack(run, { service: name, slot });
}

async function giveTrafficBack(run: ReleaseRun, { service, slot }: InstanceKey): Promise<void> {
  const generation = await run.blueGreen.generation();
  if (generation === null) return;
  const { release, number, slots } = generation;
  const request = { release, slots: { ...slots, [service]: slot }, expected: number, fence: run.fence };
  run.generation = (await run.blueGreen.switchTo(request)).generation;
}
