import { ImageStoreError } from '../errors.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';

export interface RollbackQuery {
  readonly records: readonly ReleaseRecord[];
  /** The release that receives the traffic; null when none does. */
  readonly current: string | null;
  /** The release to return to; without it, the one that was healthy before the current one. */
  readonly to?: string | undefined;
  /** Which releases may be returned to; `isHealthy` by default, `isUsable` where images alone are returned to. */
  readonly counts?: ((release: ReleaseRecord) => boolean) | undefined;
}

/**
 * The release a rollback returns to: always one that was deployed, since a rollback counts as the release it restored.
 * Throws `IMAGE_STORE_NO_ROLLBACK_TARGET`, `IMAGE_STORE_UNKNOWN_RELEASE`, `IMAGE_STORE_RELEASE_NOT_HEALTHY`.
 */
export function rollbackTarget(query: RollbackQuery): ReleaseRecord {
  const path = rollbackPath(query);
  const target = path.at(-1);
  if (target === undefined) throw noTarget('no release receives traffic');
  return target;
}

/** Whether a release received the traffic and kept it. */
export function isHealthy({ outcome }: ReleaseRecord): boolean {
  return outcome === 'deployed' || outcome === 'rolled-back';
}

/** Whether the images of a release were good enough to be run: it kept the traffic, or was pushed for others to run. */
export function isUsable(release: ReleaseRecord): boolean {
  return isHealthy(release) || release.outcome === 'pushed';
}

/** The newest release whose images were good enough to be run. */
export function newestUsable(records: readonly ReleaseRecord[]): ReleaseRecord | undefined {
  return records
    .filter(isUsable)
    .reduce<ReleaseRecord | undefined>(
      (newest, record) => (newest === undefined || record.id > newest.id ? record : newest),
      undefined,
    );
}

/** Every record that is looked at on the way to the target, the target last; throws as `rollbackTarget` does. */
export function rollbackPath({ records, current, to, counts = isHealthy }: RollbackQuery): readonly ReleaseRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  if (to !== undefined) return followRestores(byId, to, counts);
  if (current === null) return [];
  const path = followRestores(byId, current, counts);
  const previous = path.at(-1)?.previousHealthy ?? null;
  if (previous === null) throw noTarget(`no healthy release came before ${current}`);
  return [...path, ...followRestores(byId, previous, counts)];
}

/** A release and, while it is a rollback, the release it returned to. */
function followRestores(
  byId: ReadonlyMap<string, ReleaseRecord>,
  id: string,
  counts: (release: ReleaseRecord) => boolean,
): readonly ReleaseRecord[] {
  const path: ReleaseRecord[] = [];
  for (let next: string | null = id; next !== null;) {
    const record = byId.get(next);
    if (record === undefined) throw unknownRelease(next, [...byId.keys()]);
    if (!counts(record)) throw notHealthy(record);
    if (path.includes(record)) throw noTarget(`the rollbacks from ${id} on return to one another`);
    path.push(record);
    next = record.restores;
  }
  return path;
}

function noTarget(why: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_NO_ROLLBACK_TARGET', `there is nothing to roll back to: ${why}`, {
    hint: 'maestro history lists the releases; maestro rollback --to <release> names one',
  });
}

function unknownRelease(id: string, known: readonly string[]): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNKNOWN_RELEASE', `the history has no release ${id}`, {
    hint: 'maestro history lists the releases',
    details: { release: id, known },
  });
}

function notHealthy({ id, outcome, reason }: ReleaseRecord): ImageStoreError {
  const why = reason === null ? '' : ` (${reason})`;
  return new ImageStoreError('IMAGE_STORE_RELEASE_NOT_HEALTHY', `the release ${id} was ${outcome}${why}`, {
    hint: 'maestro history lists the releases; return to one that was deployed or rolled-back',
    details: { release: id, outcome },
  });
}
