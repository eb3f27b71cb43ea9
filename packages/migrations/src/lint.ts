export type { Finding, Severity } from './lint/finding.ts';
export { lintMigrations, type LintMigrationsOptions, type MigrationText } from './lint/lint-migrations.ts';
export { lintPlan, type LintPlanOptions, refuseUnsafePlan } from './lint/lint-plan.ts';
