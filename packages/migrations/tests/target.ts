import type { MigrationDatabase } from '../src/index.ts';

/** A database that another process can open. */
export type Target =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgresql'; readonly url: string; readonly schema: string }
  | { readonly kind: 'mysql'; readonly url: string };

/** Loads the adapter that it needs, and no other: many processes do so at once. */
export async function openTarget(target: Target): Promise<MigrationDatabase> {
  switch (target.kind) {
    case 'sqlite':
      return (await import('../src/sqlite.ts')).sqliteDatabase(target);
    case 'postgresql':
      return (await import('../src/postgresql.ts')).postgresqlDatabase(target);
    case 'mysql':
      return (await import('../src/mysql.ts')).mysqlDatabase(target);
  }
}
