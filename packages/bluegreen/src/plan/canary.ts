import { createHash } from 'node:crypto';

import type { CanaryRule, RequestField } from '../ports/router.ts';
import { otherSlot, type Slot } from '../slots.ts';
import { canaryPercent, liveSlot, type Routing } from './generation.ts';

/** The cookie by which the requests of one visitor stay together. */
export const visitorCookie = 'maestro_visitor';

/** What of a request decides about its slot. */
export interface RequestFacts {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly clientAddress: string;
  /** A name nobody has, for a visitor without one. */
  readonly newVisitor: string;
}

export interface Picked {
  readonly slot: Slot;
  /** To be set as the visitor's cookie; null where it has one or needs none. */
  readonly visitor: string | null;
}

/** Picks the slot for a request; undefined where the service is not live. */
export function pickSlot(
  routing: Routing | null,
  service: string,
  rule: CanaryRule | undefined,
  request: RequestFacts,
): Picked | undefined {
  const live = liveSlot(routing, service);
  if (live === undefined) return undefined;
  const percent = canaryPercent(routing, service);
  if (percent === undefined) return { slot: live, visitor: null };
  const { stickBy = 'visitor', match } = rule ?? {};
  const known = cookieOf(request, visitorCookie);
  const visitor = stickBy === 'visitor' && known === undefined ? request.newVisitor : null;
  if (match !== undefined && fieldOf(request, match) === match.value) return { slot: otherSlot(live), visitor };
  const key = keyOf(request, stickBy, known ?? request.newVisitor);
  return { slot: bucketOf(key) <= percent ? otherSlot(live) : live, visitor };
}

/** A key's place among a hundred, from 1 on; a percentage covers the places up to it, so that a rising one keeps whom it had. */
function bucketOf(key: string): number {
  return (createHash('sha256').update(key).digest().readUInt32BE() % 100) + 1;
}

function keyOf(request: RequestFacts, stickBy: NonNullable<CanaryRule['stickBy']>, visitor: string): string {
  if (stickBy === 'visitor') return visitor;
  if (stickBy === 'client-address') return request.clientAddress;
  if (stickBy === 'nothing') return request.newVisitor;
  // Who lacks the field is drawn anew each time.
  return fieldOf(request, stickBy) ?? request.newVisitor;
}

function fieldOf(request: RequestFacts, field: RequestField): string | undefined {
  if ('cookie' in field) return cookieOf(request, field.cookie);
  const value = request.headers[field.header.toLowerCase()];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function cookieOf({ headers }: RequestFacts, name: string): string | undefined {
  const pairs = typeof headers.cookie === 'string' ? headers.cookie.split(';') : [];
  const value = pairs.map((pair) => pair.trim()).find((pair) => pair.startsWith(`${name}=`));
  return value === undefined || value.length === name.length + 1 ? undefined : value.slice(name.length + 1);
}
