import type { Migration } from '../files/load-folder.ts';
import type { AdoptionSource, ForeignRevision } from './adoption-source.ts';
import { flywayVersion } from './flyway-version.ts';

/**
 * The revisions of another tool that a migration stands for: what its `adopts` says, otherwise Prisma's migration of the
 * same name, or Flyway's version of the same number and description.
 */
export function revisionsOf(
  { name, number, directives }: Migration,
  from: AdoptionSource['from'],
  revisions: readonly ForeignRevision[],
): readonly string[] {
  const [tool, ...ids] = directives.adopts?.split(/ +/) ?? [];
  if (tool === from) return from === 'flyway' ? ids.map(flywayVersion) : ids;
  if (from === 'prisma') return [name];
  if (from !== 'flyway') return [];
  const sameNumber = revisions.find(({ id }) => id === String(number));
  const title = name.slice(name.indexOf('_') + 1);
  return sameNumber === undefined || sameNumber.title === title ? [String(number)] : [];
}
