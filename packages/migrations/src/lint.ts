export type { Finding, Severity } from './lint/finding.ts';
export { lintMigrations, type LintMigrationsOptions } from './lint/lint-migrations.ts';
export type { MigrationText } from './lint/read-migration.ts';
export { lintPlan, type LintPlanOptions, refuseUnsafePlan } from './lint/lint-plan.ts';
