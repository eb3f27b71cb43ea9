import type { Routing } from '../../plan/generation.ts';
import type { Slot } from '../../slots.ts';

/**
 * What nginx tests for beside a generation's own marks: which services are live, whose other slot is a canary and for which of a
 * hundred places, and which slots are live where every service of a configuration is and none has a canary.
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
    ...(usual ? Object.entries(slots).map(([service, slot]) => settledMark(configuration.id, service, slot)) : []),
  ];
}

/** The mark of a slot that is live, in a generation in which each service of a configuration is live and none has a canary. */
export function settledMark(id: string, service: string, slot: Slot): string {
  return `${settledMarks(id)}${service}.${slot}`;
}

/** What the marks of a configuration of which all is as usual begin with. */
export function settledMarks(id: string): string {
  return `.settled-${id}-`;
}
