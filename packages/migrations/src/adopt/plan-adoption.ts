import { badTarget } from '../errors.ts';
import type { Migration } from '../files/load-folder.ts';
import type { MigrationHistory } from '../ports/migration-database.ts';
import type { AdoptionSource, ForeignHistory } from './adoption-source.ts';
import { adoptionRefused, nothingToAdopt } from './errors.ts';
import { isUpToVersion } from './flyway-version.ts';
import { revisionsOf } from './revisions-of.ts';

export interface AdoptionInput {
  readonly service: string;
  readonly source: AdoptionSource;
  /** The files, by number. */
  readonly migrations: readonly Migration[];
  readonly foreign: ForeignHistory;
  readonly history: MigrationHistory;
}

export interface PlannedAdoption {
  /** By number. */
  readonly record: readonly Migration[];
  /** Names of those that are in the history already. */
  readonly known: readonly string[];
}

/** Tells which migrations are applied by what another tool says; throws with every reason why it cannot. */
export function planAdoption({ service, source, migrations, foreign, history }: AdoptionInput): PlannedAdoption {
  const reasons = [...foreign.problems];
  const target = targetOf(service, source, migrations);
  const applied =
    target === undefined
      ? appliedByRevisions(source, migrations, foreign, reasons)
      : appliedUpTo(target, source, migrations, foreign, reasons);
  const names = new Set(history.applied.map(({ name }) => name));
  const record = applied.filter(({ name }) => !names.has(name));
  if (record.length > 0) reasons.push(...contradictions(history));
  if (reasons.length > 0) throw adoptionRefused(service, reasons);
  if (applied.length === 0) throw nothingToAdopt(service, `${source.from} has applied nothing that a file stands for`);
  return { record, known: applied.filter(({ name }) => names.has(name)).map(({ name }) => name) };
}

function targetOf(service: string, { upTo }: AdoptionSource, migrations: readonly Migration[]): Migration | undefined {
  const target = migrations.find(({ name }) => name === upTo);
  if (upTo !== undefined && target === undefined) {
    throw badTarget(service, `there is no migration '${upTo}' to adopt up to`);
  }
  return target;
}

/** What was run here came after all that could be adopted, so the histories are not of one database. */
function contradictions({ applied }: MigrationHistory): string[] {
  return applied
    .filter(({ adoptedFrom }) => adoptedFrom === undefined)
    .map(({ name }) => `${name} was run on this database already, so nothing in front of it can be adopted any more`);
}

function appliedByRevisions(
  source: AdoptionSource,
  migrations: readonly Migration[],
  foreign: ForeignHistory,
  reasons: string[],
): readonly Migration[] {
  const { revisions = [] } = foreign;
  const stands = migrations.map((migration) => ({ migration, ids: revisionsOf(migration, source.from, revisions) }));
  const known = new Set(stands.flatMap(({ ids }) => ids));
  for (const { id, label } of revisions) {
    if (!known.has(id)) reasons.push(`no file stands for ${source.from} ${label}`);
  }
  if (source.from === 'alembic') {
    // Its history is only where it stands now: everything in front of that is applied.
    const last = stands.findLast(({ ids }) => ids.some((id) => isApplied(id, foreign)));
    return last === undefined ? [] : migrations.filter(({ number }) => number <= last.migration.number);
  }
  return stands
    .filter(({ migration, ids }) => {
      const missing = ids.filter((id) => !isApplied(id, foreign));
      if (missing.length > 0 && missing.length < ids.length) {
        reasons.push(
          `${migration.name} stands for ${ids.join(', ')}, but of these ${missing.join(', ')} is not applied`,
        );
      }
      return ids.length > 0 && missing.length === 0;
    })
    .map(({ migration }) => migration);
}

/** The caller knows better than names; only what the files say themselves must not be against it. */
function appliedUpTo(
  target: Migration,
  { from }: AdoptionSource,
  migrations: readonly Migration[],
  foreign: ForeignHistory,
  reasons: string[],
): readonly Migration[] {
  const { revisions = [] } = foreign;
  for (const migration of migrations) {
    const ids = revisionsOf(migration, from, revisions);
    const isBehind = migration.number > target.number;
    const applied = ids.filter((id) => revisions.some((one) => one.id === id));
    if (isBehind && applied.length > 0) {
      reasons.push(
        `${migration.name} comes after ${target.name}, but stands for ${from} ${applied.join(', ')}, which is applied`,
      );
    }
    const isDeclared = migration.directives.adopts !== undefined && from !== 'alembic';
    const missing = ids.filter((id) => !isApplied(id, foreign));
    if (!isBehind && isDeclared && missing.length > 0) {
      reasons.push(`${migration.name} stands for ${from} ${missing.join(', ')}, which is not applied`);
    }
  }
  reasons.push(...shortOf(target, from, migrations, foreign));
  return migrations.filter(({ number }) => number <= target.number);
}

/** Alembic says where it stands: where the files know that, nothing behind it can be applied. */
function shortOf(
  target: Migration,
  from: AdoptionSource['from'],
  migrations: readonly Migration[],
  { revisions = [] }: ForeignHistory,
): string[] {
  if (from !== 'alembic') return [];
  const heads = revisions.map(({ id }) => migrations.find((one) => revisionsOf(one, from, revisions).includes(id)));
  const last = heads.every((head) => head !== undefined)
    ? heads.toSorted((a, b) => a.number - b.number).at(-1)
    : undefined;
  if (last === undefined || last.number >= target.number) return [];
  return [`${target.name} is said to be applied, but alembic stands at ${last.name}`];
}

function isApplied(id: string, { revisions = [], baseline }: ForeignHistory): boolean {
  if (revisions.some((one) => one.id === id)) return true;
  return baseline !== undefined && isUpToVersion(id, baseline);
}
