import type {
  DriftStatus,
  EnvironmentStatus,
  InterruptedRelease,
  JobStatus,
  LockStatus,
  ServiceStatus,
  SlotStatus,
} from '@maestro/orchestrator';

import { shortDigest, shortImage } from './images.ts';
import type { Style } from './style.ts';
import { alignedTables } from './table.ts';
import { formatAge } from './times.ts';

/** The state of an environment for people: its services with both slots, and what stands in the way of a deployment. */
export function renderStatus(status: EnvironmentStatus, style: Style): string {
  const { environment, url, services, jobs, drift, lock, interrupted } = status;
  const slots = alignedTables(
    services.map((service) => slotRows(service, style)),
    '  ',
  );
  return [
    `${style.colors.bold(environment)}  ${url ?? 'the proxy does not run'}`,
    ...services.flatMap((service, index) => ['', renderHead(service, style), ...(slots[index] ?? [])]),
    ...(services.length === 0 ? ['', 'No services.'] : []),
    ...jobs.flatMap((job) => ['', renderJob(job, style)]),
    ...(drift.length === 0 ? [] : ['', ...drift.flatMap((one) => renderDrift(environment, one, style))]),
    ...(lock === null ? [] : ['', renderLock(lock, style)]),
    ...(interrupted === null ? [] : ['', ...renderInterrupted(environment, interrupted, style)]),
  ].join('\n');
}

function renderHead({ name, url, live }: ServiceStatus, { colors }: Style): string {
  const release = live === null ? 'not deployed' : `release ${live.release}`;
  return [colors.bold(name), release, ...(url === null ? [] : [url])].join('  ');
}

function renderJob({ name, last }: JobStatus, { colors, now }: Style): string {
  const ran =
    last === null
      ? 'has not run yet'
      : `${jobState(last.state, colors)}  ${formatAge(last.at, now)}  release ${last.release}`;
  return `${colors.bold(name)}  job  ${ran}`;
}

function jobState(state: NonNullable<JobStatus['last']>['state'], { red, green }: Style['colors']): string {
  if (state === 'failed') return red(state);
  return state === 'done' ? green(state) : state;
}

function slotRows({ live, idle, canaryPercent }: ServiceStatus, style: Style): readonly (readonly string[])[] {
  const isCanary = canaryPercent !== null;
  const role = isCanary ? `canary ${canaryPercent} %` : 'idle';
  const other = idle === null ? null : slotRow(idle, role, style);
  return [
    ...(live === null ? [] : [slotRow(live, 'live', style)]),
    ...(other === null ? [] : [isCanary ? other : other.map(style.colors.dim)]),
  ];
}

function slotRow(slot: SlotStatus, role: string, style: Style): string[] {
  const { image, digest, since } = slot;
  return [slot.slot, role, health(slot, style), shortImage(image), shortDigest(digest), formatAge(since, style.now)];
}

function health({ state, healthy }: SlotStatus, { colors }: Style): string {
  if (state === 'crashed') return colors.red('crashed');
  if (state === 'stopped') return 'stopped';
  return healthy ? colors.green('healthy') : colors.red('unhealthy');
}

function renderDrift(environment: string, { detail, next }: DriftStatus, { colors }: Style): readonly string[] {
  return [`${colors.yellow('Changed')}: ${detail}`, `Next: ${next} -e ${environment}`];
}

function renderLock({ holder, purpose, since }: LockStatus, { colors, now }: Style): string {
  return `${colors.yellow('Locked')} by ${holder} for ${purpose}, since ${formatAge(since, now)}`;
}

function renderInterrupted(environment: string, cutOff: InterruptedRelease, { colors, now }: Style): readonly string[] {
  const { release, kind, startedAt, lastStep, switched } = cutOff;
  const traffic = switched ? 'traffic was switched' : 'traffic was not switched';
  return [
    `${colors.red('Cut off')}: ${kind} ${release}, begun ${formatAge(startedAt, now)}; ${traffic}`,
    `  in the step: ${lastStep}`,
    `Next: maestro resume -e ${environment}, or maestro abort -e ${environment}`,
  ];
}
