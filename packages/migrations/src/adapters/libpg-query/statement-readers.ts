import type { CreateStmt, DefElem, Node } from 'libpg-query';

import type { Column, Constraint, Operation } from '../../lint/operations.ts';
import { alterTable } from './alter-table.ts';
import { dropped, noun, renamed } from './drop-and-rename.ts';
import { columnOf, constraintOf, constraintsOfColumn } from './definitions.ts';
import { bodiesOf, bodyOf, type NodeBody, type NodeTag, objectName, qualified, stringsOf, tableOf } from './nodes.ts';
import { writesIn } from './writes.ts';

type Readers = { readonly [K in NodeTag]?: (body: NodeBody<K>, at: number) => readonly Operation[] };

const readers: Readers = {
  AlterDomainStmt: ({ subtype, typeName }, at) =>
    subtype === 'C' || subtype === 'O'
      ? [{ kind: 'define-domain', name: qualified(stringsOf(typeName)), isNew: false, at }]
      : [],
  AlterEnumStmt: ({ typeName, oldVal, newVal = '' }, at) => {
    const type = qualified(stringsOf(typeName));
    return [
      oldVal === undefined
        ? { kind: 'add-enum-value', type, at }
        : { kind: 'rename-enum-value', type, from: oldVal, to: newVal, at },
    ];
  },
  AlterObjectSchemaStmt: ({ objectType, relation, object, newschema = '' }, at) =>
    objectType === 'OBJECT_TABLE'
      ? [{ kind: 'rename-table', table: tableOf(relation), to: `${newschema}.${relation?.relname ?? ''}`, at }]
      : [{ kind: 'rename-object', object: noun(objectType), name: objectName(object) || tableOf(relation), at }],
  AlterTableStmt: alterTable,
  CallStmt: (_, at) => [{ kind: 'unclear', what: 'CALL', at }],
  ClusterStmt: ({ relation }, at) => [{ kind: 'rebuild-table', table: tableOf(relation), by: 'CLUSTER', at }],
  CreateDomainStmt: ({ domainname, constraints }, at) =>
    bodiesOf(constraints, 'Constraint').some(
      ({ contype }) => contype === 'CONSTR_CHECK' || contype === 'CONSTR_NOTNULL',
    )
      ? [{ kind: 'define-domain', name: qualified(stringsOf(domainname)), isNew: true, at }]
      : [],
  CreatePolicyStmt: ({ policy_name = '', table }, at) => [created('policy', `${tableOf(table)}.${policy_name}`, at)],
  CreateStmt: (body, at) => [{ ...tableCreated(body), at }],
  CreateTableAsStmt: ({ into, objtype }, at) =>
    objtype === 'OBJECT_MATVIEW'
      ? [created('materialized view', tableOf(into?.rel), at)]
      : [
          {
            kind: 'create-table',
            table: tableOf(into?.rel),
            columns: [],
            constraints: [],
            isWhole: false,
            ifNotExists: false,
            at,
          },
        ],
  CreateTrigStmt: ({ trigname = '', relation }, at) => [created('trigger', `${tableOf(relation)}.${trigname}`, at)],
  DoStmt: (_, at) => [{ kind: 'unclear', what: 'a DO block', at }],
  DropStmt: dropped,
  DropdbStmt: ({ dbname = '' }, at) => [{ kind: 'drop-database', name: dbname, at }],
  GrantStmt: ({ is_grant, objects }, at) =>
    is_grant === true ? [] : [{ kind: 'revoke-access', what: `a privilege on ${objectsOf(objects)}`, at }],
  GrantRoleStmt: ({ is_grant }, at) => (is_grant === true ? [] : [{ kind: 'revoke-access', what: 'a role', at }]),
  IndexStmt: ({ relation, idxname, unique, indexParams, whereClause, concurrent }, at) => [
    {
      kind: 'create-index',
      table: tableOf(relation),
      index: {
        name: idxname,
        unique: unique === true,
        columns: bodiesOf(indexParams, 'IndexElem').map(({ name }) => name),
        partial: whereClause !== undefined,
      },
      concurrently: concurrent === true,
      at,
    },
  ],
  LockStmt: ({ relations }, at) =>
    bodiesOf(relations, 'RangeVar').map((one) => ({ kind: 'lock-table', table: tableOf(one), at })),
  RefreshMatViewStmt: ({ relation, concurrent }, at) => [
    { kind: 'refresh-view', name: tableOf(relation), concurrently: concurrent === true, at },
  ],
  ReindexStmt: ({ relation, name = '', params }, at) => [
    {
      kind: 'reindex',
      name: relation === undefined ? name : tableOf(relation),
      concurrently: hasOption(params, 'concurrently'),
      at,
    },
  ],
  RenameStmt: renamed,
  TransactionStmt: ({ kind = '' }, at) =>
    /SAVEPOINT|RELEASE|ROLLBACK_TO/.test(kind)
      ? []
      : [{ kind: 'transaction-control', verb: kind.replace('TRANS_STMT_', '').replaceAll('_', ' '), at }],
  TruncateStmt: ({ relations, behavior }, at) => [
    {
      kind: 'truncate',
      tables: bodiesOf(relations, 'RangeVar').map(tableOf),
      cascade: behavior === 'DROP_CASCADE',
      at,
    },
  ],
  VacuumStmt: ({ options, rels }, at) =>
    hasOption(options, 'full')
      ? bodiesOf(rels, 'VacuumRelation').map(({ relation }) => ({
          kind: 'rebuild-table',
          table: tableOf(relation),
          by: 'VACUUM FULL',
          at,
        }))
      : [],
  VariableSetStmt: ({ kind, name = '', args }, at) => [
    { kind: 'set-setting', name, value: kind === 'VAR_SET_VALUE' ? settingOf(args) : undefined, at },
  ],
};

/** What changes nothing that the version still running sees, whatever its details. */
const harmless = new Set<string>(
  `AlterDatabaseSetStmt AlterDefaultPrivilegesStmt AlterExtensionStmt AlterFunctionStmt AlterOwnerStmt AlterRoleSetStmt
  AlterRoleStmt AlterSeqStmt AlterStatsStmt AlterTypeStmt CommentStmt CompositeTypeStmt ConstraintsSetStmt CreateCastStmt
  CreateEnumStmt CreatedbStmt CreateExtensionStmt CreateFdwStmt CreateForeignServerStmt CreateFunctionStmt CreatePublicationStmt
  CreateRangeStmt CreateRoleStmt CreateSchemaStmt CreateSeqStmt CreateStatsStmt CreateUserMappingStmt DefineStmt
  ListenStmt NotifyStmt VariableShowStmt ViewStmt`.split(/\s+/),
);

export const queries: ReadonlySet<string> = new Set([
  'CopyStmt',
  'DeleteStmt',
  'ExplainStmt',
  'InsertStmt',
  'MergeStmt',
  'SelectStmt',
  'UpdateStmt',
]);

/** What a statement does; what is not known to be harmless is unclear. */
export function operationsOf(statement: Node, at: number): readonly Operation[] {
  const [tag, body] = Object.entries(statement)[0] ?? [''];
  const read = readers[tag as NodeTag] as ((of: unknown, start: number) => readonly Operation[]) | undefined;
  if (read !== undefined) return read(body, at);
  if (queries.has(tag)) return writesIn(statement, at);
  return harmless.has(tag) ? [] : [{ kind: 'unclear', what: tag.replace(/Stmt$/, ''), at }];
}

export function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  const option = bodiesOf(options, 'DefElem').find(({ defname }) => defname === name);
  return option !== undefined && !isOff(option);
}

function isOff({ arg }: DefElem): boolean {
  return ['false', 'off', '0'].includes(stringsOf(arg === undefined ? [] : [arg])[0] ?? '');
}

function created(object: string, name: string, at: number): Operation {
  return { kind: 'create-object', object, name, at };
}

function tableCreated({ relation, tableElts: elements, inhRelations, ofTypename, if_not_exists }: CreateStmt) {
  const definitions = bodiesOf(elements, 'ColumnDef');
  const columns: Column[] = definitions.map(columnOf);
  const constraints: Constraint[] = [
    ...definitions.flatMap((definition) => constraintsOfColumn(definition).map(({ constraint }) => constraint)),
    ...bodiesOf(elements, 'Constraint').flatMap((node) => constraintOf(node, []) ?? []),
  ];
  const isWhole =
    inhRelations === undefined && ofTypename === undefined && bodiesOf(elements, 'TableLikeClause').length === 0;
  const ifNotExists = if_not_exists === true;
  return { kind: 'create-table', table: tableOf(relation), columns, constraints, isWhole, ifNotExists } as const;
}

function objectsOf(objects: readonly Node[] | undefined): string {
  const names = (objects ?? []).map((object) => {
    const relation = bodyOf(object, 'RangeVar');
    return relation === undefined ? objectName(object) : tableOf(relation);
  });
  return names.join(', ');
}

function settingOf(args: readonly Node[] | undefined): string | undefined {
  const value = bodiesOf(args, 'A_Const')[0];
  return value?.sval?.sval ?? (value?.ival === undefined ? undefined : String(value.ival.ival ?? 0));
}
