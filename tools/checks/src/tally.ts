/** How many of what was checked was right. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** A text for each that failed, where there is more to say than that something did. */
  readonly failures?: readonly string[];
}

export const oneFailure: Tally = { passed: 0, failed: 1, skipped: 0 };

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** The last line of a run; other programs read it. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** A test that is skipped where nobody looks at the output would be one that nobody misses. */
export function isSuccess({ failed, skipped }: Tally, { ci }: { readonly ci: boolean }): boolean {
  return failed === 0 && !(ci && skipped > 0);
}
