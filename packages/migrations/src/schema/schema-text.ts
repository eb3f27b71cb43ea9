export interface SchemaText {
  /** Each complete, with its semicolon. */
  readonly statements: readonly string[];
  /** What there is besides, by kind and name. */
  readonly leftOut: readonly string[];
}

const header = [
  '-- The schema after the migrations, written by @maestro/migrations for review: change it by a migration, not here.',
  '-- Without data, owners and privileges.',
].join('\n');

/** The tables of this package, as a pattern of LIKE with the escape `!`. */
export const ownTables = 'maestro!_migrations%';

export function schemaText({ statements, leftOut }: SchemaText): string {
  const rest = leftOut.length === 0 ? [] : [['-- Left out:', ...leftOut.map((one) => `--   ${one}`)].join('\n')];
  return `${[header, ...statements, ...rest].join('\n\n')}\n`;
}

interface Ordered {
  readonly key: string;
  /** Keys of what has to be there before. */
  readonly needs: ReadonlySet<string>;
}

/** As given, but for what has to come later; what goes round in a circle stays as given. */
export function inOrderOfNeed<Item extends Ordered>(items: readonly Item[]): Item[] {
  const byKey = new Map(items.map((item) => [item.key, item]));
  const ordered: Item[] = [];
  const begun = new Set<string>();
  const place = (item: Item) => {
    if (begun.has(item.key)) return;
    begun.add(item.key);
    for (const key of [...item.needs].sort()) {
      const needed = byKey.get(key);
      if (needed !== undefined) place(needed);
    }
    ordered.push(item);
  };
  for (const item of items) place(item);
  return ordered;
}
