import { isRecord } from './merge.ts';
import { mergeService } from './merge-service.ts';

/** What a registry holds, with its `defaults` under each of its services. */
export function withDefaults(input: unknown): unknown {
  if (!isRecord(input) || !isRecord(input.defaults) || !isRecord(input.services)) return input;
  const { defaults } = input;
  const services = Object.entries(input.services).map(([name, service]) => [
    name,
    isRecord(service) ? mergeService(defaults, service) : service,
  ]);
  return { ...input, services: Object.fromEntries(services) as unknown };
}
