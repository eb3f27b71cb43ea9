export type { Finding, Severity } from './lint/finding.ts';
export { lintMigrations, type LintMigrationsOptions, type MigrationText } from './lint/lint-migrations.ts';
