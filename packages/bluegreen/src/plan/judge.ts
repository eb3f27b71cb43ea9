import type { SlotTraffic } from '../ports/traffic.ts';
import { quantileOf, slowerThan } from './durations.ts';
import { evidenceAbove, type Sample, upperBound } from './rate-bounds.ts';

/** What a new version may do worse than the one before it. */
export interface Limits {
  /** Share of the requests that may fail beyond the share that failed on the version before; 0.01 by default. */
  readonly errorRate: number;
  /** How many times as long the slowest twentieth of the requests may take; 2 by default. */
  readonly latencyRatio: number;
  /** A request that takes longer by no more than this is never slow; 100 by default. */
  readonly latencyFloorMs: number;
  /** The first requests of a new version are not judged by their latency; 10 s by default. */
  readonly warmUpMs: number;
  /** Half a span of time with fewer requests than these is not judged; 10 by default. */
  readonly minimumRequests: number;
  /** How often a new version may be started again by itself; 1 by default. */
  readonly restarts: number;
}

export const defaultLimits: Limits = {
  errorRate: 0.01,
  latencyRatio: 2,
  latencyFloorMs: 100,
  warmUpMs: 10_000,
  minimumRequests: 10,
  restarts: 1,
};

/** What the new version and the one before did, to be compared. */
export interface Comparison {
  readonly before: SlotTraffic;
  readonly next: SlotTraffic;
  /** Whether the new version has run long enough to be judged by its latency. */
  readonly warm: boolean;
}

/** Why a new version is worse than its limits allow. */
export interface Finding {
  readonly kind: 'errors' | 'latency' | 'restarts' | 'down';
  /** In words, such as `12 of 60 requests failed, 0 of 540 before`. */
  readonly detail: string;
}

// By chance alone a half of a span is found worse once in twenty thousand times, both of them once in four hundred million.
const certain = Math.log(2e4);
const likely = Math.log(1e3);
const slowestShare = 0.05;
// What a version is allowed to do when nothing is known of the one before.
const unknownRate = 0.5;

/**
 * Compares a new version with the one before by their own requests, in each half of a span of time. What is worse must be
 * so in both: pauses of a machine and errors that come in clusters fill one half, and a failure both.
 */
export function judge(
  [first, second]: readonly [Comparison, Comparison],
  limits: Limits,
): { readonly findings: readonly Finding[]; readonly judged: boolean } {
  const [earlier, later] = [judgeHalf(first, limits), judgeHalf(second, limits)];
  return {
    findings: later.filter(({ kind }) => earlier.some((finding) => finding.kind === kind)),
    judged: [first, second].every(({ next }) => next.requests >= limits.minimumRequests),
  };
}

function judgeHalf({ before, next, warm }: Comparison, limits: Limits): readonly Finding[] {
  if (next.requests < limits.minimumRequests) return [];
  return [...judgeErrors(before, next, limits), ...(warm ? judgeLatency(before, next, limits) : [])];
}

function judgeErrors(before: SlotTraffic, next: SlotTraffic, limits: Limits): readonly Finding[] {
  const known = { count: before.errors, total: before.requests };
  const seen = { count: next.errors, total: next.requests };
  const allowed = Math.min(allowedRate(known, limits) + limits.errorRate, 1);
  if (evidenceAbove(allowed, seen) < certain) return [];
  const detail = `${seen.count} of ${seen.total} requests failed, ${known.count} of ${known.total} before`;
  return [{ kind: 'errors', detail }];
}

/** The slowest twentieth before must not have become more than that: a test of two rates again, not of two estimates. */
function judgeLatency(before: SlotTraffic, next: SlotTraffic, limits: Limits): readonly Finding[] {
  const usual = quantileOf(before.durations, 1 - slowestShare);
  if (usual === null) return [];
  const slowMs = Math.max(usual * limits.latencyRatio, usual + limits.latencyFloorMs);
  const known = slowerThan(before.durations, slowMs);
  const seen = slowerThan(next.durations, slowMs);
  const allowed = Math.max(allowedRate(known, limits), slowestShare);
  if (known.total < limits.minimumRequests || evidenceAbove(allowed, seen) < certain) return [];
  const detail = `${seen.count} of ${seen.total} requests took longer than ${Math.round(slowMs)} ms, ${known.count} of ${known.total} before`;
  return [{ kind: 'latency', detail }];
}

/** The highest rate that the version before may have had. */
function allowedRate(known: Sample, { minimumRequests }: Limits): number {
  const bound = upperBound(known, likely);
  return known.total < minimumRequests ? Math.min(bound, unknownRate) : bound;
}
