import { defaultLimits, type Limits } from './judge.ts';
import { shortestMs } from './spans.ts';

/** What a new version needs so that anything can be said of it. */
export interface JudgingNeeds {
  /** With fewer requests it is not judged at all. */
  readonly requests: number;
  /** Whether the time is long enough to judge it by its latency, too. */
  readonly latency: boolean;
}

/** What it takes to judge a new version that is watched for so long, for a plan to say. */
export function judgingNeeds({
  forMs,
  limits = {},
}: {
  readonly forMs: number;
  readonly limits?: Partial<Limits> | undefined;
}): JudgingNeeds {
  const { minimumRequests, warmUpMs } = { ...defaultLimits, ...limits };
  return { requests: 2 * minimumRequests, latency: forMs >= warmUpMs + shortestMs };
}
