import type { Context } from '../../benchmark.ts';
import type { InstalledProjects } from './projects.ts';

/** What an installation brings: ours, `@maestro/core` and `dotenv` are the three beyond AWS's client. */
export function installedPackages({ ours, client, powertools, cache }: InstalledProjects, { record }: Context): void {
  const figure = { unit: 'packages', statistic: 'sum' } as const;
  record({
    ...figure,
    name: 'installed packages',
    samples: [ours.packages],
    bar: { of: 'value', atMost: client.packages + 3 },
  });
  for (const { name, packages } of [client, powertools, cache]) {
    record({ ...figure, name: `installed packages, ${name}`, samples: [packages] });
  }
}
