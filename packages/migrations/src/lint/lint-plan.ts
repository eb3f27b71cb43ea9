import { unsafe } from '../batch/errors.ts';
import type { MigrationPlan } from '../plan/migration-plan.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { Finding } from './finding.ts';
import { lintMigrations } from './lint-migrations.ts';

export interface LintPlanOptions {
  readonly plan: Pick<MigrationPlan, 'isNew' | 'migrations' | 'service'>;
  /** Of the migrations that the plan was made of. */
  readonly folder: string;
  readonly dialect: SqlDialect;
  readonly signal?: AbortSignal | undefined;
}

/** What the linter finds in what a plan would run; nothing on a database that nobody uses, for it has had no migration. */
export async function lintPlan({ plan, folder, dialect, signal }: LintPlanOptions): Promise<readonly Finding[]> {
  if (plan.isNew || plan.migrations.length === 0) return [];
  const only = plan.migrations.map(({ name }) => name);
  return await lintMigrations({ folder, dialect, only, ...(signal && { signal }) });
}

/** Throws `MIGRATIONS_UNSAFE`, with its reasons, where an error is among what `lintPlan` finds. */
export async function refuseUnsafePlan(options: LintPlanOptions): Promise<void> {
  const errors = (await lintPlan(options)).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw unsafe(options.plan.service, errors);
}
