/** What stands in a compose file, in the order it is written in; undefined keys are left out, and null is an empty value. */
export type ComposeValue =
  string | number | boolean | null | readonly ComposeValue[] | { readonly [key: string]: ComposeValue | undefined };

/** Keys in alphabetical order, so that the same registry always gives the same file. */
export function sorted<Value>(entries: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
