import type { Routing } from '../../plan/generation.ts';

/**
 * What nginx tests for beside a generation's own marks: which services are live, whose other slot is a canary and for which of a
 * hundred places, and whether every service of a configuration is live and none has a canary.
 */
export function nginxMarks(
  routing: Routing,
  configuration: { readonly id: string; readonly routed: readonly string[] } | null,
): readonly string[] {
  const { slots, canaryPercents = {} } = routing;
  const canaries = Object.entries(canaryPercents).flatMap(([service, percent]) => [
    `.canary-${service}`,
    ...Array.from({ length: percent }, (_, index) => `.canary-${service}-${index + 1}`),
  ]);
  const usual =
    configuration !== null && canaries.length === 0 && configuration.routed.every((name) => Object.hasOwn(slots, name));
  return [
    ...Object.keys(slots).map((service) => `.live-${service}`),
    ...canaries,
    ...(usual ? [settledMark(configuration.id)] : []),
  ];
}

/** The mark in a generation in which each service of a configuration is live and none has a canary. */
export function settledMark(id: string): string {
  return `.settled-${id}`;
}
