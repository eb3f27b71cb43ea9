import type { StoredSecret } from '../ports/secret-store.ts';

/**
 * What would become of a secret: `empty` and `missing` cannot be written, `pending-deletion` has to be restored first,
 * `only-there` is left as it is, and so is `rotated`, which differs because a rotation has given it its value.
 */
export type SecretChange =
  'added' | 'changed' | 'unchanged' | 'pending-deletion' | 'only-there' | 'rotated' | 'empty' | 'missing';

/** One secret on both sides, without its values. */
export interface SecretDifference {
  readonly name: string;
  readonly change: SecretChange;
  /** The version that was looked at on either side; undefined where there is none. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Two places of secrets compared; names and versions only, so that it can be shown. */
export interface SecretsDiff {
  /** The places, as operators know them. */
  readonly from: string;
  readonly to: string;
  /** In the order of their names. */
  readonly secrets: readonly SecretDifference[];
}

export interface ComparedSides {
  readonly names: Iterable<string>;
  readonly from: ReadonlyMap<string, StoredSecret>;
  readonly to: ReadonlyMap<string, StoredSecret>;
  /** What the target holds and does not give out. */
  readonly pendingDeletion: ReadonlySet<string>;
  /** Whose values a rotation makes: what the target holds of these is never an older one. */
  readonly rotated: ReadonlySet<string>;
}

/** Compares by value, in memory; what it returns tells of values only whether they are the same. */
export function compareSecrets({
  names,
  from,
  to,
  pendingDeletion,
  rotated,
}: ComparedSides): readonly SecretDifference[] {
  return [...new Set(names)].sort().map((name) => {
    const [ours, theirs] = [from.get(name), to.get(name)];
    const change = changeOf(ours, theirs, pendingDeletion.has(name));
    return {
      name,
      change: change === 'changed' && rotated.has(name) ? 'rotated' : change,
      from: ours?.version,
      to: theirs?.version,
    };
  });
}

function changeOf(from: StoredSecret | undefined, to: StoredSecret | undefined, isPending: boolean): SecretChange {
  if (from === undefined) return to === undefined && !isPending ? 'missing' : 'only-there';
  if (from.value.reveal() === '') return 'empty';
  if (isPending) return 'pending-deletion';
  if (to === undefined) return 'added';
  return isSame(from, to) ? 'unchanged' : 'changed';
}

export function isSame(a: StoredSecret, b: StoredSecret): boolean {
  return a.encoding === b.encoding && a.value.reveal() === b.value.reveal();
}
