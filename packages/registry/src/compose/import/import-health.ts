import { readProbe } from '../health-probe.ts';
import { durationMs } from './amounts.ts';
import { recordOf, type ServiceContext, textsOf } from './import-context.ts';

export interface ImportedHealth {
  readonly health: Readonly<Record<string, unknown>>;
  /** Where it asks; null where it asks no port. */
  readonly port: number | null;
}

const defaultDeadlineMs = 30_000;

/** When a service is healthy; `port` is where it is known to listen, null where it is not. */
export function importHealth(context: ServiceContext, port: number | null): ImportedHealth {
  const { service, report } = context;
  const check = recordOf(service.healthcheck);
  const test = testOf(check.test);
  if (service.healthcheck === undefined || check.disable === true || test?.[0] === 'NONE') {
    const isReached = port !== null;
    report(
      service.healthcheck === undefined ? [] : ['healthcheck'],
      'no health check',
      isReached
        ? 'it counts as healthy once its port takes connections; better give it `health: { path: … }`'
        : 'it counts as healthy once it runs; better give it `health: { kind: command, command: […] }`',
    );
    return {
      health: isReached ? { kind: 'tcp' } : { kind: 'command', command: ['/bin/true'], intervalMs: 1_000 },
      port: null,
    };
  }
  const times = timesOf(check);
  if (test === null) return { health: { kind: 'image', ...times }, port: null };
  const probe = readProbe(test);
  if (probe !== null && (port === null || probe.port === port)) {
    const { kind, port: asked, ...rest } = probe;
    return { health: { kind, ...withStatuses(rest), ...times }, port: asked };
  }
  const command = test[0] === 'CMD' ? test.slice(1) : ['/bin/sh', '-c', test.slice(1).join(' ')];
  return { health: { kind: 'command', command, ...times }, port: null };
}

function withStatuses(probe: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { statuses, ...rest } = probe;
  if (!Array.isArray(statuses)) return rest;
  const ranges = statuses as readonly (readonly [number, number])[];
  return { ...rest, statuses: ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)) };
}

/** Null where there is none, so that the image's own is asked. */
function testOf(test: unknown): readonly string[] | null {
  if (test === undefined || test === null) return null;
  return typeof test === 'string' ? ['CMD-SHELL', test] : textsOf(test);
}

function timesOf(check: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const intervalMs = durationMs(check.interval);
  const timeoutMs = durationMs(check.timeout);
  const startPeriodMs = durationMs(check.start_period);
  const failures = Number.isInteger(check.retries) && Number(check.retries) > 0 ? Number(check.retries) : null;
  // Compose gives up after so many failures; the deadline must not come first.
  const deadlineMs = (startPeriodMs ?? 0) + (failures ?? 3) * ((intervalMs ?? defaultDeadlineMs) + (timeoutMs ?? 0));
  const times = {
    intervalMs: atLeastOne(intervalMs),
    timeoutMs: atLeastOne(timeoutMs),
    startPeriodMs,
    failures,
    deadlineMs: deadlineMs > defaultDeadlineMs ? deadlineMs : null,
  };
  return Object.fromEntries(Object.entries(times).filter((entry): entry is [string, number] => entry[1] !== null));
}

function atLeastOne(ms: number | null): number | null {
  return ms === null || ms < 1 ? null : ms;
}
