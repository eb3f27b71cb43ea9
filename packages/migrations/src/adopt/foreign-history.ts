import type { DatabaseReader } from '../ports/migration-database.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { AdoptionSource, ForeignHistory, ForeignRevision } from './adoption-source.ts';
import { flywayVersion } from './flyway-version.ts';

type Tool = Exclude<AdoptionSource['from'], 'plain'>;
type Row = Readonly<Record<string, string | number | boolean | Date | null>>;

interface ToolTable {
  readonly name: string;
  readonly columns: string;
  readonly order: string;
  readonly read: (
    rows: readonly Row[],
  ) => Omit<ForeignHistory, 'revisions'> & { readonly revisions: ForeignRevision[] };
}

const tables: Readonly<Record<Tool, ToolTable>> = {
  alembic: {
    name: 'alembic_version',
    columns: 'version_num',
    order: 'version_num',
    read: (rows) => ({
      revisions: rows.map(({ version_num: version }) => {
        return { id: String(version), label: String(version), title: undefined };
      }),
      baseline: undefined,
      problems: [],
    }),
  },
  flyway: {
    name: 'flyway_schema_history',
    columns: 'version, description, type, success',
    order: 'installed_rank',
    read: flywayHistory,
  },
  prisma: {
    name: '_prisma_migrations',
    columns: 'migration_name, finished_at, rolled_back_at',
    order: 'started_at',
    read: prismaHistory,
  },
};

/** The table that a tool keeps its history in. */
export function historyTable(source: Exclude<AdoptionSource, { from: 'plain' }>): string {
  return ('table' in source ? source.table : undefined) ?? tables[source.from].name;
}

/** Reads another tool's history; its table stays as it is. */
export async function readForeignHistory(
  source: Exclude<AdoptionSource, { from: 'plain' }>,
  dialect: SqlDialect,
  reader: DatabaseReader,
): Promise<ForeignHistory> {
  const { columns, order, read } = tables[source.from];
  const parts = historyTable(source).split('.');
  if (!(await exists(parts, dialect, reader))) return { revisions: undefined, baseline: undefined, problems: [] };
  const table = parts.map((part) => quoted(part, dialect)).join('.');
  return read(await reader.query<Row>(`SELECT ${columns} FROM ${table} ORDER BY ${order}`));
}

async function exists(parts: readonly string[], dialect: SqlDialect, { query }: DatabaseReader): Promise<boolean> {
  const name = parts.at(-1) ?? '';
  if (dialect === 'postgresql') {
    const written = parts.map((part) => quoted(part, dialect)).join('.');
    return (await query<Row>('SELECT to_regclass($1) AS found', written))[0]?.found !== null;
  }
  if (dialect === 'sqlite') {
    return (await query("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", name)).length > 0;
  }
  const where = 'table_schema = COALESCE(?, DATABASE()) AND table_name = ?';
  const database = parts.length > 1 ? (parts[0] ?? null) : null;
  return (await query(`SELECT table_name FROM information_schema.tables WHERE ${where}`, database, name)).length > 0;
}

function quoted(name: string, dialect: SqlDialect): string {
  return dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
}

/** A version may be applied, undone and applied again; the last of its rows counts. */
function flywayHistory(rows: readonly Row[]) {
  const problems: string[] = [];
  const applied = new Map<string, ForeignRevision>();
  let baseline: string | undefined;
  for (const row of rows) {
    const [type, description] = [String(row.type), String(row.description)];
    const label = row.version === null ? description : `${String(row.version)} (${description})`;
    if (row.success !== true && Number(row.success) !== 1) problems.push(`Flyway's ${label} has failed`);
    // Repeatable ones have no version: they are no migrations, but what the schema is brought to again each time.
    if (row.version === null) continue;
    const id = flywayVersion(String(row.version));
    if (type.endsWith('BASELINE')) baseline = id;
    else if (/^(UNDO|DELETE)/.test(type)) applied.delete(id);
    else applied.set(id, { id, label, title: titleOf(description) });
  }
  return { revisions: [...applied.values()], baseline, problems };
}

function titleOf(description: string): string {
  return description
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** A migration that was rolled back counts for nothing; it may have a row for a later try. */
function prismaHistory(rows: readonly Row[]) {
  const left = rows.filter((row) => row.rolled_back_at === null);
  const revisions = left
    .filter((row) => row.finished_at !== null)
    .map(({ migration_name: name }) => ({ id: String(name), label: String(name), title: undefined }));
  const problems = left
    .filter((row) => row.finished_at === null)
    .map(({ migration_name: name }) => `Prisma's ${String(name)} has failed, or goes on`);
  return { revisions, baseline: undefined, problems };
}
