import type { Node, RangeVar } from 'libpg-query';

type KeysOf<T> = T extends unknown ? keyof T : never;

export type NodeTag = KeysOf<Node>;

/** What a node of this tag holds. */
export type NodeBody<K extends NodeTag> = Extract<Node, Record<K, unknown>>[K];

/** A node's body, when it has this tag. */
export function bodyOf<K extends NodeTag>(node: Node | undefined, tag: K): NodeBody<K> | undefined {
  return node === undefined ? undefined : (node as unknown as Partial<Record<K, NodeBody<K>>>)[tag];
}

export function bodiesOf<K extends NodeTag>(nodes: readonly Node[] | undefined, tag: K): NodeBody<K>[] {
  return (nodes ?? []).flatMap((node) => bodyOf(node, tag) ?? []);
}

export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  return bodiesOf(nodes, 'String').map(({ sval = '' }) => sval);
}

/** A name with its schema; `public` is where names without one are taken to be. */
export function qualified(parts: readonly string[]): string {
  const [first, ...rest] = parts;
  return first === 'public' && rest.length > 0 ? rest.join('.') : parts.join('.');
}

export function tableOf(relation: RangeVar | undefined): string {
  const { schemaname, relname = '' } = relation ?? {};
  return qualified(schemaname === undefined ? [relname] : [schemaname, relname]);
}

/** The name of what DROP, ALTER … RENAME and the like speak of. */
export function objectName(node: Node | undefined): string {
  const list =
    bodyOf(node, 'List')?.items ?? bodyOf(node, 'TypeName')?.names ?? bodyOf(node, 'ObjectWithArgs')?.objname;
  return qualified(list === undefined ? stringsOf(node === undefined ? [] : [node]) : stringsOf(list));
}

/** All bodies with this tag, however deep. */
export function within<K extends NodeTag>(value: unknown, tag: K): NodeBody<K>[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => within(item, tag));
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === tag ? [inner as NodeBody<K>] : []),
    ...within(inner, tag),
  ]);
}
