import type { DatabaseReader } from '../../ports/migration-database.ts';
import { tokenize } from '../../sql/tokens.ts';
import { inOrderOfNeed, ownTables, schemaText } from '../schema-text.ts';
import { withoutCounter, withoutDatabase, withoutDefiner } from './definitions.ts';

type Row = Readonly<Record<string, unknown>>;
type Query = DatabaseReader['query'];

interface View {
  readonly key: string;
  readonly sql: string;
  readonly needs: ReadonlySet<string>;
}

/** What the server shows of everything, without what differs between two databases of the same schema. */
export async function describeMysql({ query }: DatabaseReader): Promise<string> {
  const tables = await query<Row>(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.tables
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE ? ESCAPE '!' ORDER BY BINARY TABLE_NAME`,
    ownTables,
  );
  const ofType = (pattern: RegExp) =>
    tables.filter(({ type }) => pattern.test(String(type))).map(({ name }) => String(name));
  const statements = [
    ...(await sequences(query, ofType(/^SEQUENCE$/))),
    ...(await shownTables(query, ofType(/^(BASE TABLE|SYSTEM VERSIONED)$/))),
    ...(await routines(query)),
    ...inOrderOfNeed(await views(query, ofType(/^VIEW$/))).map(({ sql }) => sql),
    ...(await triggers(query)),
  ];
  // Tables refer to one another.
  const unchecked = ['SET FOREIGN_KEY_CHECKS = 0;', ...statements, 'SET FOREIGN_KEY_CHECKS = 1;'];
  return schemaText({ statements: statements.length === 0 ? [] : unchecked, leftOut: await leftOut(query) });
}

async function shownTables(query: Query, names: readonly string[]): Promise<string[]> {
  const [here] = await query<Row>('SELECT DATABASE() AS name');
  const shown: string[] = [];
  for (const name of names) {
    const sql = withoutCounter(await show(query, 'TABLE', name, 'Create Table'));
    shown.push(`${withoutDatabase(sql, String(here?.name))};`);
  }
  return shown;
}

async function sequences(query: Query, names: readonly string[]): Promise<string[]> {
  const shown: string[] = [];
  for (const name of names)
    shown.push(`${(await show(query, 'SEQUENCE', name, 'Create Table')).replace(/ ENGINE=\w+$/, '')};`);
  return shown;
}

async function views(query: Query, names: readonly string[]): Promise<View[]> {
  const found: View[] = [];
  for (const name of names) {
    const sql = withoutDefiner(await show(query, 'VIEW', name, 'Create View'));
    const used = tokenize(sql, 'mysql').tokens.map(({ text }) => nameOf(text));
    const needs = new Set(names.filter((other) => other !== name && used.includes(other)));
    found.push({ key: name, sql: `${sql};`, needs });
  }
  return found;
}

async function routines(query: Query): Promise<string[]> {
  const found = await query<Row>(
    `SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS type FROM information_schema.routines
     WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE')
     ORDER BY ROUTINE_TYPE, BINARY ROUTINE_NAME`,
  );
  const shown: string[] = [];
  for (const { name, type } of found) {
    const column = type === 'FUNCTION' ? 'Create Function' : 'Create Procedure';
    shown.push(`${withoutDefiner(await show(query, String(type), String(name), column))};`);
  }
  return shown;
}

/** Those of one table and moment run in the order that they were made in. */
async function triggers(query: Query): Promise<string[]> {
  const found = await query<Row>(
    `SELECT TRIGGER_NAME AS name FROM information_schema.triggers
     WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE NOT LIKE ? ESCAPE '!'
     ORDER BY BINARY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    ownTables,
  );
  const shown: string[] = [];
  for (const { name } of found) {
    shown.push(`${withoutDefiner(await show(query, 'TRIGGER', String(name), 'SQL Original Statement'))};`);
  }
  return shown;
}

async function leftOut(query: Query): Promise<string[]> {
  const events = await query<Row>(
    `SELECT EVENT_NAME AS name FROM information_schema.events WHERE EVENT_SCHEMA = DATABASE() ORDER BY BINARY EVENT_NAME`,
  );
  const packages = await query<Row>(
    `SELECT ROUTINE_NAME AS name FROM information_schema.routines
     WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE NOT IN ('FUNCTION', 'PROCEDURE')
     ORDER BY ROUTINE_TYPE, BINARY ROUTINE_NAME`,
  );
  return [
    ...events.map(({ name }) => `event ${String(name)}`),
    ...packages.map(({ name }) => `package ${String(name)}`),
  ];
}

async function show(query: Query, kind: string, name: string, column: string): Promise<string> {
  const [row] = await query<Row>(`SHOW CREATE ${kind} \`${name.replaceAll('`', '``')}\``);
  const sql = row?.[column];
  if (typeof sql !== 'string')
    throw new Error(`the server does not show the ${kind.toLowerCase()} ${name} to this user`);
  return sql.replaceAll('\r\n', '\n');
}

function nameOf(token: string): string {
  return token.startsWith('`') ? token.slice(1, -1).replaceAll('``', '`') : token;
}
