/** Everything that the documentation of the other linters names, at the commits given. */
const sourceRules = {
  // sbdchd/squawk, docs/docs at 5125ddf5 (2026-08-22), and what the notes of 2.68.0 (2026-10-08) add; syntax-error is
  // not about a change
  squawk: `adding-field-with-default adding-foreign-key-constraint adding-not-nullable-field adding-required-field
    adding-serial-primary-key-field ban-alter-domain-with-add-constraint ban-char-field
    ban-concurrent-index-creation-in-transaction ban-create-domain-with-constraint ban-drop-column ban-drop-database
    ban-drop-not-null ban-drop-table ban-duplicate-column-assignments ban-truncate-cascade ban-uncommitted-transaction
    changing-column-type constraint-missing-not-valid disallowed-unique-constraint identifier-too-long
    prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-repack prefer-robust-stmts
    prefer-text-field prefer-timestamptz renaming-column renaming-table require-concurrent-index-creation
    require-concurrent-index-deletion require-concurrent-partition-detach require-concurrent-reindex
    require-enum-value-ordering require-lock-timeout require-statement-timeout require-table-schema
    require-timeout-settings transaction-nesting
    ban-alter-identity ban-drop-constraint ban-drop-domain ban-drop-extension ban-drop-generated-expression
    ban-drop-schema ban-drop-sequence ban-set-schema renaming-object`,
  // ankane/strong_migrations, lib/strong_migrations/error_messages.rb at c5461ac (2026-05-17), and what only its
  // README names
  strong_migrations: `add_check_constraint add_check_constraint_mysql add_column_auto_incrementing add_column_default
    add_column_default_callable add_column_generated_stored add_column_json add_exclusion_constraint add_foreign_key
    add_foreign_key_mysql add_index add_index_columns add_index_corruption add_reference add_unique_constraint
    change_column change_column_constraint change_column_default change_column_null change_column_null_mysql
    change_column_null_postgresql change_column_with_not_null change_table copy_algorithm create_table execute
    lock_option remove_column remove_index rename_column rename_enum_value rename_schema rename_table
    validate_check_constraint validate_foreign_key backfilling_data`,
  // kaaveland/eugene, eugene/docs/src/hints at 7f8b343 (2025-05-29)
  eugene: 'E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E15 W12 W13 W14',
} as const;

/** As `squawk ban-drop-column`. */
export const allSources: readonly string[] = Object.entries(sourceRules).flatMap(([set, rules]) =>
  rules.split(/[ \n]+/).map((rule) => `${set} ${rule}`),
);
