import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { messageOf, withDeadline } from '@maestro/core';
import type { MigrationStatus } from '@maestro/migrations';

import { OrchestratorError } from '../errors.ts';
import { concurrently } from './concurrently.ts';
import type { Parts } from './parts.ts';
import type { ReleaseDefinition, ServiceDefinition } from './release-definition.ts';

export interface PastContractOptions {
  /** The services as they would be again. */
  readonly returning: readonly ServiceDefinition[];
  /** The services as they are. */
  readonly current: readonly ServiceDefinition[];
  /** The release that they would come back from. */
  readonly target: Pick<ReleaseDefinition, 'at' | 'id'>;
  readonly signal: AbortSignal;
}

/** A database that does not answer by then keeps nobody from going back. */
const askedMs = 10_000;

/**
 * Expand migrations are compatible with the version before, so that a rollback passes over them; what a contract migration
 * took away is missed by a version that does not know of it. Throws `ORCHESTRATOR_PAST_CONTRACT`.
 */
export async function refusePastContract(parts: Parts, options: PastContractOptions): Promise<void> {
  const { returning, current, target, signal } = options;
  const older = returning.filter(
    ({ name, digest, database }) =>
      database !== null && current.some((one) => one.name === name && one.digest !== digest),
  );
  const found = await concurrently(older, signal, async (service, inner) => {
    const status = await statusOf(parts, service, inner);
    const passed = status === null ? [] : contractsUnknownTo(service, { status, since: target.at });
    return passed.map((migration) => ({ service: service.name, migration }));
  });
  const passed = found.flat();
  if (passed.length === 0) return;
  const names = passed.map(({ service, migration }) => `${migration} of ${service}`).join(', ');
  throw new OrchestratorError(
    'ORCHESTRATOR_PAST_CONTRACT',
    `release ${target.id} cannot come back: it does not know of ${names}, which took away what it may need`,
    {
      hint: 'roll back to a release that knows of it: maestro history; or mend what is wrong and deploy',
      details: { release: target.id, migrations: passed },
    },
  );
}

export function contractsUnknownTo(
  { migrations }: Pick<ServiceDefinition, 'migrations'>,
  { status, since }: { readonly status: Pick<MigrationStatus, 'applied'>; readonly since: string },
): readonly string[] {
  return (
    status.applied
      .filter(({ phase }) => phase === 'contract')
      // Of releases that were written down without their migrations only the time is known.
      .filter(({ name, at }) => (migrations === null ? at > since : !migrations.includes(name)))
      .map(({ name }) => name)
  );
}

/** Null where the database cannot be asked: that it is out of reach is no reason to stay with a broken release. */
async function statusOf(
  parts: Parts,
  { name, database }: ServiceDefinition,
  signal: AbortSignal,
): Promise<MigrationStatus | null> {
  if (database === null) return null;
  // What was applied is in the database; none of its files is needed.
  const folder = await mkdtemp(join(tmpdir(), 'maestro-rollback-'));
  try {
    return await withDeadline(
      async (inner) => {
        await using migrations = await parts.migrations({ service: name, folder, database, signal: inner });
        return await migrations.status({ signal: inner });
      },
      { deadlineMs: askedMs, clock: parts.clock, signal, onExpired: () => new Error(`no answer in ${askedMs} ms`) },
    );
  } catch (error) {
    signal.throwIfAborted();
    const reason = messageOf(error);
    parts.logger.warn('whether a contract migration was applied cannot be looked up', { service: name, reason });
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
