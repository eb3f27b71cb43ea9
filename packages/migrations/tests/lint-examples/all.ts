import type { Example, NotApplicable } from './example.ts';
import { mysqlBlocking, mysqlBreaking } from './mysql.ts';
import { postgresqlBlocking } from './postgresql-blocking.ts';
import { postgresqlBreaking } from './postgresql-breaking.ts';
import { postgresqlOther } from './postgresql-other.ts';
import { sqlite } from './sqlite.ts';

export const examples: readonly Example[] = [
  ...postgresqlBreaking,
  ...postgresqlBlocking,
  ...postgresqlOther,
  ...mysqlBreaking,
  ...mysqlBlocking,
  ...sqlite,
];

const taste =
  "how a column is best declared is the schema's own matter: the version that is running neither waits nor fails";

const lockTimeout =
  'every migration waits for locks with a short timeout, which the header `-- lock-timeout: 1s` changes; `timeout-off` catches a file that switches it off';

export const notApplicable: readonly NotApplicable[] = [
  { source: 'squawk ban-char-field', reason: taste },
  { source: 'squawk prefer-bigint-over-int', reason: taste },
  { source: 'squawk prefer-bigint-over-smallint', reason: taste },
  { source: 'squawk prefer-identity', reason: taste },
  { source: 'squawk prefer-text-field', reason: taste },
  { source: 'squawk prefer-timestamptz', reason: taste },
  {
    source: 'squawk ban-duplicate-column-assignments',
    reason: 'the database refuses it, the migration fails and leaves nothing: nobody notices',
  },
  { source: 'squawk identifier-too-long', reason: 'a name that is cut off breaks nobody who is running' },
  {
    source: 'squawk require-enum-value-ordering',
    reason: 'whether values have an order that means something is known to the service only',
  },
  {
    source: 'squawk require-statement-timeout',
    reason:
      'the header `-- statement-timeout: 30s` is there for it; what blocks is found by the other rules, and what does not, such as building an index concurrently, may take long',
  },
  { source: 'squawk require-lock-timeout', reason: lockTimeout },
  { source: 'squawk require-timeout-settings', reason: lockTimeout },
  { source: 'eugene E9', reason: lockTimeout },
  {
    source: 'squawk prefer-robust-stmts',
    reason:
      'a migration is one transaction, or what it has done is recorded statement by statement: nothing runs twice. Of its examples the index without a name is caught',
  },
  {
    source: 'strong_migrations change_table',
    reason: 'a method of Active Record; the SQL that it stands for is judged',
  },
  { source: 'squawk require-table-schema', reason: 'the connection of the migrations says which schema they are for' },
  {
    source: 'strong_migrations add_index_corruption',
    reason: 'a bug of PostgreSQL 14.0 to 14.3, which is a matter of the server and not of the file',
  },
  {
    source: 'strong_migrations change_column_default',
    reason: 'a trap of partial inserts in Active Record: a new default changes no INSERT that names the column',
  },
  {
    source: 'eugene W13',
    reason: "an enum that a new version makes is in nobody's way; renaming a value of it is caught",
  },
];
