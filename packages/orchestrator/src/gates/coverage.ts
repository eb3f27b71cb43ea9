import { z } from 'zod';

const metric = z.object({ pct: z.union([z.number(), z.literal('Unknown')]) });

/** What Istanbul's reporter `json-summary` writes, and with it c8, Jest and Vitest. */
const summarySchema = z.object({
  total: z.object({ lines: metric, statements: metric, branches: metric, functions: metric }),
});

export type CoverageMetric = 'branches' | 'functions' | 'lines' | 'statements';

/** Where a summary of coverage stays behind what is asked, in words; empty where it does not. */
export function coverageShortfalls(
  summary: string,
  minimum: Readonly<Partial<Record<CoverageMetric, number>>>,
): readonly string[] {
  const parsed = summarySchema.safeParse(jsonOf(summary));
  if (!parsed.success) return ['its summary of coverage is not in the format json-summary'];
  const { total } = parsed.data;
  return Object.entries(minimum).flatMap(([name, least]) => {
    const { pct } = total[name as CoverageMetric];
    // Unknown where there was nothing to cover.
    return pct === 'Unknown' || pct >= least ? [] : [`${pct} % of the ${name} are covered, expected ${least} %`];
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
