import { nothingToRepair } from './errors.ts';
import type { ServiceMigrations } from './service-migrations.ts';

/** What is known by now about a migration's statement whose outcome nobody knew. */
export type RepairTarget =
  | {
      /** The migration's name; the statement was done, the next run goes on after it. */
      readonly applied: string;
    }
  | {
      /** The migration's name; the statement was not done, or may be done again: the next run does. */
      readonly retry: string;
    };

export async function repair(
  { service, runner }: ServiceMigrations,
  target: RepairTarget,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isApplied = 'applied' in target;
  const name = isApplied ? target.applied : target.retry;
  await runner.locked(async (locked) => {
    const found = (await locked.history()).unfinished.find((one) => one.name === name);
    if (found?.unknown === undefined) throw nothingToRepair(service, name);
    const { done, unknown } = found;
    const known = { ...found, unknown: undefined };
    await locked.settle(isApplied ? { ...known, done: done + 1, hash: unknown.hash } : known);
  }, signal);
}
