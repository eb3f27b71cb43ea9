type Limit =
  { readonly atLeast: number; readonly atMost?: never } | { readonly atMost: number; readonly atLeast?: never };

/** What the figure itself must reach. */
export type ValueBar = Limit & { readonly of: 'value' };

/** What ours divided by the peer's must reach. */
export type RatioBar = Limit & { readonly of: 'ratio' };

export type Bar = ValueBar | RatioBar;

/** As it stands in results: `ratio >= 0.9`. */
export function describeBar(bar: Bar): string {
  return bar.atLeast === undefined ? `${bar.of} <= ${bar.atMost}` : `${bar.of} >= ${bar.atLeast}`;
}

export function meetsBar(bar: Bar, measured: number): boolean {
  return bar.atLeast === undefined ? measured <= bar.atMost : measured >= bar.atLeast;
}
