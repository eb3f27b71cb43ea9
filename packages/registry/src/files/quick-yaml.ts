import { CORE_SCHEMA, load } from 'js-yaml';

/** What the two parsers understand otherwise, or what only the other one limits; none of it is common in a registry. */
const disputed = new RegExp(
  [
    // Anchors; tags; explicit keys.
    String.raw`(?:^|[ [{,:-])[&!?]`,
    // Directives; documents that end or do not begin on the left.
    String.raw`^%|^[ \t]*\.{3}|^[ \t]*-{3}.|^[ \t]+-{3}`,
    // Keys that are null; numbers too large to be one; texts in blocks that say how far right they stand, or begin with `#`.
    String.raw`(?:^|[[{,:-])[ \t]*(?:(?:~|null)\s*[:,}]|:(?:[\s}\]]|$))|\de[-+]?\d{3}`,
    String.raw`(?:^|[ \t])[|>][-+]*(?:\d|[ \t\r]*(?:#[^\n]*)?\n\s*#)`,
  ].join('|'),
  'im',
);

/**
 * What a text holds, read in a fraction of the time that it takes to know all places, too. Undefined for what is no YAML or
 * may be understood otherwise by the parser that knows them: that one has the word.
 */
export function quickYaml(text: string): { readonly value: unknown } | undefined {
  if (disputed.test(text)) return undefined;
  try {
    return { value: load(text, { schema: CORE_SCHEMA }) };
  } catch {
    return undefined;
  }
}
