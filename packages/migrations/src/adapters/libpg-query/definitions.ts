import type { ColumnDef, Constraint as ConstraintNode, Node, TypeName } from 'libpg-query';

import type { Column, ColumnType, Constraint, ConstraintKind, DefaultKind } from '../../lint/operations.ts';
import { bodiesOf, bodyOf, qualified, stringsOf, tableOf, within } from './nodes.ts';

const serialTypes: ReadonlyMap<string, string> = new Map([
  ['smallserial', 'int2'],
  ['serial2', 'int2'],
  ['serial', 'int4'],
  ['serial4', 'int4'],
  ['bigserial', 'int8'],
  ['serial8', 'int8'],
]);

/** Functions whose value is the same for all rows of a statement; of any other one it is not known. */
const steadyFunctions = new Set([
  'array_fill',
  'coalesce',
  'concat',
  'current_schema',
  'current_setting',
  'date_trunc',
  'encode',
  'decode',
  'format',
  'json_build_array',
  'json_build_object',
  'jsonb_build_array',
  'jsonb_build_object',
  'lower',
  'make_date',
  'make_interval',
  'make_timestamptz',
  'md5',
  'now',
  'statement_timestamp',
  'timezone',
  'to_char',
  'to_date',
  'to_json',
  'to_jsonb',
  'to_timestamp',
  'transaction_timestamp',
  'upper',
]);

const constraintKinds: ReadonlyMap<ConstraintNode['contype'], ConstraintKind> = new Map([
  ['CONSTR_CHECK', 'check'],
  ['CONSTR_EXCLUSION', 'exclusion'],
  ['CONSTR_FOREIGN', 'foreign-key'],
  ['CONSTR_NOTNULL', 'not-null'],
  ['CONSTR_PRIMARY', 'primary-key'],
  ['CONSTR_UNIQUE', 'unique'],
]);

export function typeOf(typeName: TypeName | undefined): ColumnType | undefined {
  if (typeName === undefined) return undefined;
  const [first, ...rest] = stringsOf(typeName.names);
  const name = qualified(first === 'pg_catalog' ? rest : [first ?? '', ...rest]);
  return {
    name: serialTypes.get(name) ?? name,
    modifiers: bodiesOf(typeName.typmods, 'A_Const').map(({ ival }) => ival?.ival ?? 0),
    detail: `${typeName.setof === true ? 'setof' : ''}${'[]'.repeat(typeName.arrayBounds?.length ?? 0)}`,
  };
}

export function columnOf(definition: ColumnDef): Column {
  const constraints = bodiesOf(definition.constraints, 'Constraint');
  const has = (type: ConstraintNode['contype']) => constraints.find(({ contype }) => contype === type);
  const generated = has('CONSTR_GENERATED');
  const written = stringsOf(definition.typeName?.names).at(-1) ?? '';
  const numbering = serialTypes.has(written) ? 'serial' : has('CONSTR_IDENTITY') === undefined ? 'none' : 'identity';
  return {
    name: definition.colname ?? '',
    type: typeOf(definition.typeName),
    notNull: numbering !== 'none' || has('CONSTR_NOTNULL') !== undefined || has('CONSTR_PRIMARY') !== undefined,
    default: defaultKind(has('CONSTR_DEFAULT')?.raw_expr),
    numbering,
    generated: generated === undefined ? 'none' : generated.generated_kind === 'v' ? 'virtual' : 'stored',
  };
}

/** The constraints written beside a column, other than those that `columnOf` tells. */
export function constraintsOfColumn({
  colname = '',
  constraints,
}: ColumnDef): { node: ConstraintNode; constraint: Constraint }[] {
  return bodiesOf(constraints, 'Constraint').flatMap((node) => {
    const constraint = constraintOf(node, [colname]);
    return constraint === undefined || constraint.kind === 'not-null' ? [] : [{ node, constraint }];
  });
}

/** Undefined for what only modifies another constraint, such as DEFERRABLE. */
export function constraintOf(node: ConstraintNode, ofColumn: readonly string[]): Constraint | undefined {
  const kind = constraintKinds.get(node.contype);
  if (kind === undefined) return undefined;
  const enforced = node.is_enforced === true || (kind !== 'check' && kind !== 'foreign-key');
  const named = stringsOf(kind === 'foreign-key' ? node.fk_attrs : node.keys);
  const columns =
    kind === 'check' ? columnsIn(node.raw_expr) : kind === 'exclusion' ? columnsIn(node.exclusions) : named;
  return {
    kind,
    name: node.conname,
    columns: columns.length > 0 ? columns : ofColumn,
    expression: node.raw_expr === undefined ? undefined : JSON.stringify(node.raw_expr, withoutPlaces),
    provesNotNull: kind === 'check' ? provenNotNull(node.raw_expr) : kind === 'not-null' ? columns : [],
    enforced,
    validated: enforced && node.skip_validation !== true,
    usingIndex: node.indexname,
    references: node.pktable === undefined ? undefined : tableOf(node.pktable),
  };
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === 'location' ? undefined : value;
}

function columnsIn(expression: unknown): string[] {
  const fields = within(expression, 'ColumnRef').map((reference) => stringsOf(reference.fields).at(-1) ?? '');
  const elements = within(expression, 'IndexElem').flatMap(({ name }) => name ?? []);
  return [...new Set([...fields, ...elements])];
}

/** The columns that cannot be null where the check holds: `a IS NOT NULL AND b IS NOT NULL`. */
function provenNotNull(expression: Node | undefined): string[] {
  const test = bodyOf(expression, 'NullTest');
  if (test?.nulltesttype === 'IS_NOT_NULL') {
    const reference = bodyOf(test.arg, 'ColumnRef');
    return reference === undefined ? [] : stringsOf(reference.fields).slice(-1);
  }
  const all = bodyOf(expression, 'BoolExpr');
  return all?.boolop === 'AND_EXPR' ? (all.args ?? []).flatMap(provenNotNull) : [];
}

function defaultKind(expression: Node | undefined): DefaultKind {
  if (expression === undefined) return 'none';
  const value = bodyOf(expression, 'A_Const');
  if (value?.isnull === true) return 'none';
  return isSteady(expression) ? 'constant' : 'expression';
}

function isSteady(expression: Node): boolean {
  const calls = within(expression, 'FuncCall').map(({ funcname }) => stringsOf(funcname).at(-1) ?? '');
  return calls.every((name) => steadyFunctions.has(name)) && within(expression, 'SubLink').length === 0;
}
