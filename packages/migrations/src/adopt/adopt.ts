import { type Clock, isoTime } from '@maestro/core';

import type { MigrationEvent } from '../events.ts';
import { executedBy } from '../executed-by.ts';
import { checksumVersion } from '../files/checksum.ts';
import { compare, refuseDeviation } from '../plan/comparison.ts';
import type { HistoryRow, MigrationHistory } from '../ports/migration-database.ts';
import type { ServiceMigrations } from '../service-migrations.ts';
import { refuseUnfinished } from '../step-runner.ts';
import type { AdoptionSource, ForeignHistory } from './adoption-source.ts';
import { nothingToAdopt } from './errors.ts';
import { historyTable, readForeignHistory } from './foreign-history.ts';
import { type PlannedAdoption, planAdoption } from './plan-adoption.ts';

/** What was taken over from another tool; JSON-safe. */
export interface Adoption {
  readonly from: AdoptionSource['from'];
  /** What that tool says is applied, in its own words. */
  readonly found: readonly string[];
  /** Names of what was recorded, or would be, by number. */
  readonly adopted: readonly string[];
  /** Names of what was recorded before. */
  readonly known: readonly string[];
}

export interface AdoptCall {
  readonly source: AdoptionSource;
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly emit: (event: MigrationEvent) => void;
  readonly signal: AbortSignal | undefined;
}

interface Planned extends PlannedAdoption {
  readonly adoption: Adoption;
}

export async function adopt(service: ServiceMigrations, call: AdoptCall): Promise<Adoption> {
  const { runner } = service;
  const { source, dryRun, clock, emit, signal } = call;
  const plan = await planner(service, call);
  const before = await plan(await runner.history(signal));
  if (dryRun || before.record.length === 0) return before.adoption;

  return runner.locked(async (locked) => {
    // Planned again: somebody else may have been here meanwhile.
    const { record, adoption } = await plan(await locked.history());
    const told = {
      at: isoTime(clock),
      by: executedBy(),
      durationMs: 0,
      version: checksumVersion,
      adoptedFrom: source.from,
    };
    const rows = record.map(({ name, checksum, directives }): HistoryRow => {
      return { name, checksum, phase: directives.phase, ...told };
    });
    if (rows.length > 0) await locked.record(rows);
    for (const { name } of rows) emit({ type: 'migration-adopted', service: service.service, name, from: source.from });
    return adoption;
  }, signal);
}

/** Plans by a history of ours and the other tool's; the files are read once. */
async function planner({ service, dialect, files, runner }: ServiceMigrations, { source, signal }: AdoptCall) {
  const { migrations } = await files();
  return async (history: MigrationHistory): Promise<Planned> => {
    refuseUnfinished(service, history, 'up');
    refuseDeviation(service, compare(migrations, history));
    const foreign =
      source.from === 'plain'
        ? nothingSaid
        : await runner.read((reader) => readForeignHistory(source, dialect, reader), signal);
    if (source.from !== 'plain') refuseNothing(service, source, foreign);
    const { record, known } = planAdoption({ service, source, migrations, foreign, history });
    const found = [...(foreign.revisions ?? []).map(({ label }) => label), ...baselineOf(foreign)];
    const adoption = { from: source.from, found, adopted: record.map(({ name }) => name), known };
    return { record, known, adoption };
  };
}

const nothingSaid: ForeignHistory = { revisions: [], baseline: undefined, problems: [] };

function refuseNothing(
  service: string,
  source: Exclude<AdoptionSource, { from: 'plain' }>,
  { revisions, baseline, problems }: ForeignHistory,
): void {
  const table = historyTable(source);
  if (revisions === undefined) throw nothingToAdopt(service, `there is no table ${table}`);
  if (revisions.length + problems.length === 0 && baseline === undefined) {
    throw nothingToAdopt(service, `the table ${table} says that nothing is applied`);
  }
}

function baselineOf({ baseline }: ForeignHistory): string[] {
  return baseline === undefined ? [] : [`everything up to ${baseline}`];
}
