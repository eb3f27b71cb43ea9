import type { ResolvedService } from '../resolve-environment.ts';
import type { ComposeValue } from './compose-value.ts';
import { healthTest } from './health-probe.ts';

// Each question is a process in the container, as long as it runs: many of them would keep the machine busy, and on a busy one
// the program that asks takes seconds to start.
const shortestIntervalMs = 2_000;
const shortestTimeoutMs = 5_000;

/** How compose finds out that a service is healthy, which those that depend on it wait for. */
export function composeHealth({ health, container, route }: ResolvedService): ComposeValue {
  const intervalMs = Math.max(health.intervalMs, shortestIntervalMs);
  const { startPeriodMs = 0, failures = Math.ceil(health.deadlineMs / intervalMs) } = health;
  const test = healthTest(health, container?.port ?? 0, route?.host);
  return {
    ...(test === null ? {} : { test }),
    interval: durationText(intervalMs),
    timeout: durationText(Math.max(health.timeoutMs, shortestTimeoutMs)),
    retries: failures,
    ...(startPeriodMs === 0 ? {} : { start_period: durationText(startPeriodMs) }),
  };
}

/** `90s` or `1500ms`. */
export function durationText(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
