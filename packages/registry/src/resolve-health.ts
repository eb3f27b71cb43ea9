import type { Service } from './registry-schema.ts';

interface HealthTimes {
  /** For one answer. */
  readonly timeoutMs: number;
  /** Between two questions. */
  readonly intervalMs: number;
  /** For the service to become ready. */
  readonly deadlineMs: number;
  readonly startPeriodMs?: number | undefined;
  readonly successes?: number | undefined;
  readonly failures?: number | undefined;
}

/** When a new instance of a service counts as healthy; only what the registry says is among the optional keys. */
export type ResolvedHealth = HealthTimes &
  (
    | {
        readonly kind: 'http';
        readonly path: string;
        readonly host?: string;
        /** Both ends included. */
        readonly statuses?: readonly (readonly [from: number, to: number])[];
        readonly body?: { readonly contains: string } | { readonly matches: string };
      }
    | { readonly kind: 'image' | 'tcp' }
    | { readonly kind: 'command'; readonly command: readonly string[] }
  );

export function resolveHealth(health: Service['health']): ResolvedHealth {
  const { kind, path = '/health', host, statuses, body, command = [], ...times } = health;
  switch (kind) {
    case 'http':
      return {
        kind,
        path,
        ...times,
        ...(host === undefined ? {} : { host }),
        ...(statuses === undefined ? {} : { statuses: statuses.map(rangeOf) }),
        ...(body === undefined ? {} : { body: bodyOf(body) }),
      };
    case 'command':
      return { kind, command, ...times };
    case 'image':
    case 'tcp':
      return { kind, ...times };
  }
}

function rangeOf(text: string): readonly [number, number] {
  const [from = '', to = from] = text.split('-');
  return [Number(from), Number(to)];
}

function bodyOf({ contains, matches = '' }: NonNullable<Service['health']['body']>) {
  return contains === undefined ? { matches } : { contains };
}
