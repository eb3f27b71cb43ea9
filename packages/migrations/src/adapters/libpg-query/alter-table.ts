import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';

import type { Operation } from '../../lint/operations.ts';
import { columnOf, constraintOf, constraintsOfColumn, typeOf } from './definitions.ts';
import { bodiesOf, bodyOf, tableOf } from './nodes.ts';

interface Place {
  readonly table: string;
  readonly at: number;
}

type Subtype = NonNullable<AlterTableCmd['subtype']>;
type Reader = (command: AlterTableCmd, place: Place) => readonly Operation[];

const none: Reader = () => [];
const rebuild =
  (by: string): Reader =>
  (_, place) => [{ kind: 'rebuild-table', ...place, by }];
const onColumn =
  (kind: 'drop-column' | 'set-default' | 'set-not-null'): Reader =>
  ({ name = '' }, place) => [{ kind, ...place, column: name }];
const loosening =
  (kind: 'drop-default' | 'drop-not-null'): Reader =>
  ({ name = '' }, place) => [{ kind, ...place, column: name, implied: false }];
const accessRevoked: Reader = (_, place) => [
  { kind: 'revoke-access', what: `row level security on ${place.table}`, at: place.at },
];
const triggerDisabled: Reader = ({ name = 'all' }, { at }) => [{ kind: 'drop-object', object: 'trigger', name, at }];

const readers: Readonly<Partial<Record<Subtype, Reader>>> = {
  AT_AddColumn: addColumn,
  AT_AddConstraint: addConstraint,
  AT_AddIdentity: addIdentity,
  AT_AlterColumnType: changeType,
  AT_AlterConstraint: enforceConstraint,
  AT_AttachPartition: (command, place) => [
    { kind: 'attach-partition', ...place, partition: tableOf(bodyOf(command.def, 'PartitionCmd')?.name) },
  ],
  AT_ColumnDefault: (command, place) =>
    (command.def === undefined ? loosening('drop-default') : onColumn('set-default'))(command, place),
  AT_DetachPartition: (command, place) => [
    { kind: 'detach-partition', ...place, concurrently: bodyOf(command.def, 'PartitionCmd')?.concurrent === true },
  ],
  AT_DisableTrig: triggerDisabled,
  AT_DisableTrigAll: triggerDisabled,
  AT_DisableTrigUser: triggerDisabled,
  AT_DropColumn: onColumn('drop-column'),
  AT_DropConstraint: ({ name = '' }, place) => [{ kind: 'drop-constraint', ...place, name }],
  AT_DropExpression: loosening('drop-default'),
  AT_DropIdentity: loosening('drop-default'),
  AT_DropNotNull: loosening('drop-not-null'),
  AT_EnableRowSecurity: accessRevoked,
  AT_ForceRowSecurity: accessRevoked,
  AT_SetAccessMethod: rebuild('SET ACCESS METHOD'),
  AT_SetExpression: rebuild('SET EXPRESSION'),
  AT_SetIdentity: setIdentity,
  AT_SetLogged: rebuild('SET LOGGED'),
  AT_SetNotNull: onColumn('set-not-null'),
  AT_SetTableSpace: rebuild('SET TABLESPACE'),
  AT_SetUnLogged: rebuild('SET UNLOGGED'),
  AT_ValidateConstraint: ({ name = '' }, place) => [{ kind: 'validate-constraint', ...place, name }],
  AT_AddInherit: none,
  AT_AlterColumnGenericOptions: none,
  AT_ChangeOwner: none,
  AT_ClusterOn: none,
  AT_DetachPartitionFinalize: none,
  AT_DisableRowSecurity: none,
  AT_DropCluster: none,
  AT_EnableAlwaysTrig: none,
  AT_EnableReplicaTrig: none,
  AT_EnableTrig: none,
  AT_EnableTrigAll: none,
  AT_EnableTrigUser: none,
  AT_NoForceRowSecurity: none,
  AT_ReplicaIdentity: none,
  AT_ResetOptions: none,
  AT_ResetRelOptions: none,
  AT_SetCompression: none,
  AT_SetOptions: none,
  AT_SetRelOptions: none,
  AT_SetStatistics: none,
  AT_SetStorage: none,
};

const tables = new Set<AlterTableStmt['objtype']>(['OBJECT_FOREIGN_TABLE', 'OBJECT_MATVIEW', 'OBJECT_TABLE']);

/** What each part of an ALTER TABLE does, `at` being where the statement starts. */
export function alterTable({ relation, cmds, objtype }: AlterTableStmt, at: number): Operation[] {
  const table = tableOf(relation);
  const commands = bodiesOf(cmds, 'AlterTableCmd');
  if (objtype === 'OBJECT_TYPE') return commands.flatMap((command) => alterAttribute(command, table, at));
  if (!tables.has(objtype)) return [];
  return commands.flatMap((command): readonly Operation[] => {
    const read = command.subtype === undefined ? undefined : readers[command.subtype];
    return read?.(command, { table, at }) ?? [{ kind: 'unclear', what: `ALTER TABLE ${command.subtype ?? ''}`, at }];
  });
}

/** Types take part in it as tables do, only that adding to one breaks nobody. */
function alterAttribute({ subtype, name = '' }: AlterTableCmd, type: string, at: number): Operation[] {
  return subtype === 'AT_AddColumn' ? [] : [{ kind: 'drop-object', object: 'attribute', name: `${type}.${name}`, at }];
}

function addColumn({ def }: AlterTableCmd, { table, at }: Place): Operation[] {
  const definition = bodyOf(def, 'ColumnDef');
  if (definition === undefined) return [];
  const added = columnOf(definition);
  return [
    { kind: 'add-column', table, added, at: definition.location ?? at },
    ...constraintsOfColumn(definition).map(({ node, constraint }): Operation => {
      // Rows that are there already get no value to look up.
      const skipped = constraint.kind === 'foreign-key' && added.default === 'none';
      const validated = constraint.validated && !skipped;
      return {
        kind: 'add-constraint',
        table,
        constraint: { ...constraint, validated },
        withColumn: true,
        at: node.location ?? at,
      };
    }),
  ];
}

function addConstraint({ def }: AlterTableCmd, { table, at }: Place): Operation[] {
  const node = bodyOf(def, 'Constraint');
  const constraint = node === undefined ? undefined : constraintOf(node, []);
  return constraint === undefined
    ? [{ kind: 'unclear', what: 'ADD CONSTRAINT', at }]
    : [{ kind: 'add-constraint', table, constraint, withColumn: false, at: node?.location ?? at }];
}

function addIdentity(command: AlterTableCmd, place: Place): Operation[] {
  const { name = '', def } = command;
  const isAlways = bodyOf(def, 'Constraint')?.generated_when === always;
  return [
    { kind: 'set-default', ...place, column: name },
    ...(isAlways ? [{ kind: 'always-generate', ...place, column: name } as const] : []),
  ];
}

function setIdentity({ name = '', def }: AlterTableCmd, place: Place): Operation[] {
  const options = bodiesOf(bodyOf(def, 'List')?.items, 'DefElem');
  const generated = bodyOf(options.find(({ defname }) => defname === 'generated')?.arg, 'Integer')?.ival;
  return generated === always.charCodeAt(0) ? [{ kind: 'always-generate', ...place, column: name }] : [];
}

/** As the catalog has it; the other one is BY DEFAULT. */
const always = 'a';

function changeType({ name = '', def }: AlterTableCmd, { table, at }: Place): Operation[] {
  const definition = bodyOf(def, 'ColumnDef');
  const type = typeOf(definition?.typeName);
  if (type === undefined) return [];
  const converts = definition?.raw_default !== undefined || definition?.collClause !== undefined;
  return [{ kind: 'change-type', table, column: name, type, converts, at }];
}

/** Only foreign keys can be switched on later. */
function enforceConstraint({ def }: AlterTableCmd, { table, at }: Place): Operation[] {
  const { conname, alterEnforceability, is_enforced } = bodyOf(def, 'ATAlterConstraint') ?? {};
  if (alterEnforceability !== true || is_enforced !== true) return [];
  const constraint = constraintOf({ contype: 'CONSTR_FOREIGN', is_enforced, ...(conname && { conname }) }, []);
  return constraint === undefined ? [] : [{ kind: 'add-constraint', table, constraint, withColumn: false, at }];
}
