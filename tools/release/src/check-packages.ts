import { checkApiReports } from './api-reports.ts';
import type { Problem } from './events.ts';
import { checkLicences } from './licences.ts';
import { buildPackages } from './pack-packages.ts';
import { publishablePackages } from './publishable-packages.ts';
import { type ReleaseContext, step } from './release-context.ts';
import { checkSizes } from './size-limits.ts';

export interface CheckPackagesOptions {
  readonly root: string;
  /** Take the API and the sizes as they are now for what they are to be. */
  readonly update: boolean;
}

/** Builds the packages and compares them with `etc`: API reports and size limits; and looks at licences. */
export async function checkPackages(
  { root, update }: CheckPackagesOptions,
  context: ReleaseContext,
): Promise<readonly Problem[]> {
  const packages = await publishablePackages(root);
  await step(context, 'build', () => buildPackages({ root, packages, ...context }));
  const checks = {
    'API reports': () => checkApiReports({ root, packages, update }, context),
    'size limits': () => checkSizes({ root, packages, update }),
    licences: () => checkLicences(root, packages),
  };
  const found: Problem[] = [];
  for (const [check, run] of Object.entries(checks)) {
    const { subjects, problems } = await step(context, check, run);
    context.emit({ type: 'checked', check, subjects });
    found.push(...problems);
  }
  for (const problem of found) context.emit({ type: 'problem', problem });
  return found;
}
