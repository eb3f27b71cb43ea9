import { isRecord, merge } from './merge.ts';

/**
 * A service with what differs in an environment laid over it. A database of another kind is another database: nothing
 * of the first one's keys is left in it.
 */
export function mergeService(service: unknown, override: unknown): unknown {
  const merged = merge(service, override);
  if (!isRecord(service) || !isRecord(override) || !isRecord(merged)) return merged;
  const adapter = adapterOf(override);
  return adapter === undefined || adapter === adapterOf(service) ? merged : { ...merged, database: override.database };
}

function adapterOf({ database }: Readonly<Record<string, unknown>>): unknown {
  return isRecord(database) ? database.adapter : undefined;
}
