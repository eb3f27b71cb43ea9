/** What the users of the demo saw; JSON-safe. */
export interface LoadReport {
  readonly requests: number;
  readonly failedRequests: number;
  readonly slowestMs: number;
  /** Answers by the revision of template-service that gave them. */
  readonly versions: Readonly<Record<string, number>>;
  /** The first few failures, in words. */
  readonly failures: readonly string[];
}

/** Names of the templates that were sent. */
export interface SentTemplates {
  /** Answered with 201. */
  readonly acknowledged: readonly string[];
  /** Sent, but not answered well: stored or not, nobody knows. */
  readonly uncertain: readonly string[];
}

export interface CountedRequest {
  readonly durationMs: number;
  /** Undefined when no answer came. */
  readonly version: string | undefined;
  /** Undefined when all was well. */
  readonly problem: string | undefined;
}

const shownFailures = 10;

export class LoadTally {
  #requests = 0;
  #failedRequests = 0;
  #slowestMs = 0;
  readonly #versions = new Map<string, number>();
  readonly #failures: string[] = [];

  count({ durationMs, version, problem }: CountedRequest): void {
    this.#requests += 1;
    this.#slowestMs = Math.max(this.#slowestMs, durationMs);
    if (version !== undefined) this.#versions.set(version, (this.#versions.get(version) ?? 0) + 1);
    if (problem === undefined) return;
    this.#failedRequests += 1;
    if (this.#failures.length < shownFailures) this.#failures.push(problem);
  }

  report(): LoadReport {
    return {
      requests: this.#requests,
      failedRequests: this.#failedRequests,
      slowestMs: Math.round(this.#slowestMs),
      versions: Object.fromEntries(this.#versions),
      failures: [...this.#failures],
    };
  }
}

/** What happened after `before` was taken; `slowestMs` and `failures` are those of the whole load. */
export function since(before: LoadReport, after: LoadReport): LoadReport {
  const versions = Object.entries(after.versions)
    .map(([version, count]) => [version, count - (before.versions[version] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return {
    ...after,
    requests: after.requests - before.requests,
    failedRequests: after.failedRequests - before.failedRequests,
    versions: Object.fromEntries(versions),
  };
}
