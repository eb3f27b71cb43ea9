import { canaryPercent, type Generation, type ServiceStatus, type SlotStatus } from '@maestro/bluegreen';
import type { ReleaseRecord } from '@maestro/image-store';

import type { LockSighting } from '../lock/deployment-lock.ts';
import type { Parts } from '../release/parts.ts';
import { interruptedRelease } from '../release/recover.ts';
import { observeServices } from '../status.ts';

/** One metric with its values, as Prometheus names them. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const outcomes = ['deployed', 'rolled-back', 'refused', 'restored', 'aborted'] as const;

/** What is to be watched of an environment, observed now. */
export async function observeMetrics(parts: Parts, signal?: AbortSignal): Promise<readonly Metric[]> {
  const { name: environment } = parts.environment;
  const [{ services, generation, drift }, records, lock] = await Promise.all([
    observeServices(parts, signal),
    parts.history.list({ environment }, { signal }),
    parts.lock.look(),
  ]);
  // While somebody deploys, an unfinished journal is work in progress.
  const interrupted = lock?.state === 'held' ? null : await interruptedRelease(parts);
  const all = [
    ...releaseMetrics(records, generation),
    ...serviceMetrics(services, generation),
    gauge('maestro_drift', 'How much was changed by hand, or by a crash, since the last release.', drift.length),
    ...lockMetrics(lock, parts.clock.now()),
    gauge('maestro_release_interrupted', '1 while a release waits for resume or abort.', Number(interrupted !== null)),
  ];
  return all.map((metric) => ({
    ...metric,
    samples: metric.samples.map(({ labels, value }) => ({ labels: { environment, ...labels }, value })),
  }));
}

function releaseMetrics(records: readonly ReleaseRecord[], generation: Generation | null): readonly Metric[] {
  // Pushes are releases of images alone.
  const released = records.filter(({ outcome }) => outcome !== 'pushed');
  const [last] = released;
  const labels = last === undefined ? {} : { release: last.id, kind: last.kind, outcome: last.outcome };
  const ofLast = (value: (record: ReleaseRecord) => number | null | undefined): readonly MetricSample[] => {
    const found = last === undefined ? undefined : value(last);
    return found === undefined || found === null ? [] : [{ labels, value: found }];
  };
  return [
    gauge('maestro_generation', 'The number of the generation that is live; 0 before the first switch.', {
      labels: generation === null ? {} : { release: generation.release },
      value: generation?.number ?? 0,
    }),
    gauges(
      'maestro_releases',
      'How many of the last 10 releases ended so.',
      outcomes.map((outcome) => ({
        labels: { outcome },
        value: released.filter((one) => one.outcome === outcome).length,
      })),
    ),
    gauges(
      'maestro_last_release_timestamp_seconds',
      'When the last release began.',
      ofLast(({ at }) => Date.parse(at) / 1000),
    ),
    gauges(
      'maestro_last_release_duration_seconds',
      'How long the last release took.',
      ofLast(({ durationMs }) => durationMs / 1000),
    ),
    gauges(
      'maestro_last_release_switch_seconds',
      'How long the rename of the last release took that moved the traffic.',
      ofLast(({ switchMs }) => (typeof switchMs === 'number' ? switchMs / 1000 : null)),
    ),
  ];
}

interface RoledSlot extends SlotStatus {
  readonly labels: Readonly<Record<string, string>>;
  readonly percent: number;
}

function serviceMetrics(services: readonly ServiceStatus[], generation: Generation | null): readonly Metric[] {
  const slots = services.flatMap(({ service, live, idle }): readonly RoledSlot[] => {
    const tried = canaryPercent(generation, service);
    const role = tried === undefined ? 'idle' : 'canary';
    const labelled = (slot: SlotStatus, as: string, percent: number) => ({
      ...slot,
      labels: { service, slot: slot.slot, role: as },
      percent,
    });
    return [
      ...(live === null ? [] : [labelled(live, 'live', 100 - (tried ?? 0))]),
      ...(idle === null ? [] : [labelled(idle, role, tried ?? 0)]),
    ];
  });
  const of = (value: (slot: RoledSlot) => number) => slots.map((slot) => ({ labels: slot.labels, value: value(slot) }));
  const answering = slots.filter(({ healthy, state }) => state === 'running' && healthy !== null);
  return [
    gauges(
      'maestro_instance_running',
      '1 while the instance in a slot runs.',
      of(({ state }) => Number(state === 'running')),
    ),
    gauges(
      'maestro_instance_healthy',
      '1 while an instance that runs answers its health check.',
      answering.map(({ labels, healthy }) => ({ labels, value: Number(healthy) })),
    ),
    gauges(
      'maestro_instance_traffic_ratio',
      'The share of the requests that a slot gets.',
      of(({ percent }) => percent / 100),
    ),
    gauges(
      'maestro_instance_start_time_seconds',
      'When the process of an instance started.',
      of(({ since }) => Date.parse(since) / 1000),
    ),
    {
      name: 'maestro_instance_restarts_total',
      help: 'How often an instance was started again by itself.',
      type: 'counter',
      samples: of(({ restarts }) => restarts),
    },
  ];
}

function lockMetrics(lock: LockSighting | null, now: number): readonly Metric[] {
  return [
    gauge('maestro_lock_held', '1 while somebody deploys.', Number(lock?.state === 'held')),
    gauge(
      'maestro_lock_abandoned',
      '1 where a holder of the lock went without letting go of it.',
      Number(lock?.state === 'abandoned'),
    ),
    gauges(
      'maestro_lock_age_seconds',
      'For how long the lock has been held.',
      lock?.state === 'held' ? [{ labels: {}, value: Math.max(0, now - Date.parse(lock.since)) / 1000 }] : [],
    ),
  ];
}

function gauge(name: string, help: string, value: MetricSample | number): Metric {
  return gauges(name, help, [typeof value === 'number' ? { labels: {}, value } : value]);
}

function gauges(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name, help, type: 'gauge', samples };
}
