import type { Redacted } from '@maestro/core';

import { revealAsEnvironment } from '../reveal-as-environment.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface ChildEnvironmentOptions {
  /** What the child would get without secrets, such as `process.env`. */
  readonly inherited: Variables;
  readonly secrets: Readonly<Record<string, Redacted>>;
  /** Names that are not passed on, although they are inherited. */
  readonly withhold: readonly string[];
  /** Names that are passed on in any case. */
  readonly pass: readonly string[];
}

/** Where AWS is, which is no secret; everything else under its prefix says who asks, or leads there. */
const awsPlaces: ReadonlySet<string> = new Set(['AWS_REGION', 'AWS_DEFAULT_REGION']);

/**
 * The environment of a child: its secrets, and what is inherited without what only the parent needs, such as the keys
 * that secrets were fetched with.
 */
export function childEnvironment({ inherited, secrets, withhold, pass }: ChildEnvironmentOptions) {
  const withheld = new Set(withhold);
  const passed = new Set(pass);
  const isPassed = (name: string) =>
    passed.has(name) || !(withheld.has(name) || (name.toUpperCase().startsWith('AWS_') && !awsPlaces.has(name)));
  const kept = Object.entries(inherited).filter(([name]) => isPassed(name));
  return { ...Object.fromEntries(kept), ...revealAsEnvironment(secrets) };
}
