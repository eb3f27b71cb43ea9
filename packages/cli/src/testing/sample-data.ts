import { isoTime, type Observer } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import type {
  EnvironmentStatus,
  Plan,
  PlanStep,
  ReleaseEvent,
  ReleaseRecord,
  ReleaseResult,
  SlotStatus,
  StoredImage,
} from '@maestro/orchestrator';

/** Local, so that times of day are the same in every time zone. */
export const noon = new Date(2026, 0, 15, 12, 3, 4).getTime();

export const release = '01KF0QZV6Y8M2D4T7B9C3E5G1H';
const earlierRelease = '01KEXN3S5W7J1K9P2R4V6X8Z0A';
const repository = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const gateway = {
  name: 'gateway',
  image: `${repository}/maestro-gateway:production-abc1234`,
  digest: `sha256:1a2b3c4d5e6f${'0'.repeat(52)}`,
};
const earlierGateway = {
  name: 'gateway',
  image: `${repository}/maestro-gateway:production-9f8e7d6`,
  digest: `sha256:998877665544${'0'.repeat(52)}`,
};
const api = {
  name: 'api',
  image: `${repository}/maestro-api:production-9f8e7d6`,
  digest: `sha256:5566778899aa${'0'.repeat(52)}`,
};

/** ISO 8601, so many minutes before noon. */
export function minutesAgo(minutes: number): string {
  return new Date(noon - minutes * 60_000).toISOString();
}

export const startStep: PlanStep = {
  id: 'start:gateway',
  kind: 'start',
  service: 'gateway',
  summary: 'start gateway in green',
  irreversible: false,
};
export const switchStep: PlanStep = {
  id: 'switch',
  kind: 'switch',
  summary: 'switch all traffic',
  irreversible: false,
};

export const samplePlan: Plan = {
  environment: 'production',
  hash: `sha256:77${'ab'.repeat(31)}`,
  steps: [
    startStep,
    { id: 'migrate:orders', kind: 'migrate', service: 'orders', summary: 'apply 2 migrations', irreversible: true },
    switchStep,
  ],
  services: [
    { ...gateway, change: 'start', reason: 'image changed', waitingMigrations: ['0007_drop_total'] },
    { ...api, change: 'keep', reason: 'unchanged', waitingMigrations: [] },
  ],
};

export const deployed: ReleaseResult = {
  release,
  outcome: 'deployed',
  durationMs: 12_340,
  switchMs: 3,
  reason: null,
  unjudged: [],
  failedHooks: [],
  services: [
    { ...gateway, slot: 'green', changed: true },
    { ...api, slot: 'blue', changed: false },
  ],
};

export const nothingToDo: ReleaseResult = {
  release: null,
  outcome: 'unchanged',
  durationMs: 40,
  switchMs: null,
  reason: null,
  unjudged: [],
  failedHooks: [],
  services: [],
};

const live: SlotStatus = {
  slot: 'green',
  release,
  image: gateway.image,
  digest: gateway.digest,
  state: 'running',
  healthy: true,
  since: minutesAgo(3),
};
const idle: SlotStatus = {
  slot: 'blue',
  release: earlierRelease,
  image: earlierGateway.image,
  digest: earlierGateway.digest,
  state: 'stopped',
  healthy: false,
  since: minutesAgo(3 * 24 * 60),
};

export const healthyStatus: EnvironmentStatus = {
  environment: 'production',
  url: 'http://127.0.0.1:8080',
  services: [
    { name: 'gateway', url: 'http://127.0.0.1:8080/', live, idle, canaryPercent: null },
    { name: 'worker', url: null, live: null, idle: null, canaryPercent: null },
  ],
  jobs: [],
  drift: [],
  lock: null,
  interrupted: null,
};

export const cutOffStatus: EnvironmentStatus = {
  ...healthyStatus,
  url: null,
  lock: { holder: 'ana@ci-7 (pid 123)', since: minutesAgo(5), purpose: `deploy ${release}` },
  interrupted: {
    release,
    kind: 'deploy',
    startedAt: minutesAgo(90),
    lastStep: 'start gateway in green',
    switched: false,
  },
};

const configuration = { configHash: 'c0ffee', secretVersions: {} };
export const records: readonly ReleaseRecord[] = [
  {
    id: release,
    environment: 'production',
    at: minutesAgo(3),
    by: 'ana@ci-7',
    kind: 'deploy',
    outcome: 'deployed',
    durationMs: 12_340,
    previousHealthy: earlierRelease,
    restores: null,
    reason: null,
    planHash: samplePlan.hash,
    switchMs: 3,
    unjudged: [{ step: 'canary', percent: 10, services: ['gateway'] }],
    services: [{ ...gateway, ...configuration, revision: `abc1234${'0'.repeat(33)}-dirty` }],
  },
  {
    id: earlierRelease,
    environment: 'production',
    at: minutesAgo(3 * 24 * 60),
    by: 'ben@laptop',
    kind: 'deploy',
    outcome: 'refused',
    durationMs: 70_000,
    previousHealthy: null,
    restores: null,
    reason: 'gateway did not become healthy within 30 s',
    services: [{ ...earlierGateway, ...configuration }],
  },
];

/** The events of a release that starts gateway and switches, a second apart from noon on. */
export async function tellRelease(onEvent: Observer<ReleaseEvent> | undefined): Promise<void> {
  const clock = new ManualClock(noon);
  const events: readonly ReleaseEvent[] = [
    {
      type: 'release-started',
      release,
      kind: 'deploy',
      environment: 'production',
      planHash: samplePlan.hash,
      steps: [startStep, switchStep],
    },
    { type: 'step-started', release, step: startStep },
    { type: 'step-progress', release, stepId: startStep.id, message: 'listens on 127.0.0.1:4101' },
    { type: 'step-finished', release, step: startStep, durationMs: 2000 },
    { type: 'step-started', release, step: switchStep },
    { type: 'step-finished', release, step: switchStep, durationMs: 3 },
    { type: 'release-finished', release, outcome: 'deployed', durationMs: 12_340 },
  ];
  for (const event of events) {
    onEvent?.({ ...event, at: isoTime(clock) });
    await clock.advance(1000);
  }
}

/** The newest image of a repository, of a digest that is one hexadecimal digit repeated. */
export function sampleImage(repository: string, digit: string): StoredImage {
  return {
    repository,
    digest: `sha256:${digit.repeat(64)}`,
    tags: ['latest', `production-${digit.repeat(7)}`],
    inputHash: `sha256:${digit.repeat(64)}`,
    revision: digit.repeat(40),
    createdAt: minutesAgo(90),
    sizeBytes: 4_100,
  };
}
