import type { ReleasedImage, ReleaseRecord } from '../ports/release-history.ts';
import { isReleaseId } from './release-record.ts';

/** A service's image that began to receive traffic with a release, as tags in the image repository tell. */
export interface TaggedImage {
  readonly service: string;
  readonly release: string;
  readonly digest: string;
}

export interface RebuildOptions {
  readonly project: string;
  readonly environment: string;
  readonly images: readonly TaggedImage[];
  /**
   * The labels of containers, running or stopped: `maestro.project`, `.environment`, `.service`, `.slot`, `.release`,
   * `.digest`. Those of other projects and environments do not count, nor do containers that lack one.
   */
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** The release that receives the traffic; null where nobody knows. */
  readonly current: string | null;
}

interface Instance extends TaggedImage {
  readonly slot: string;
}

/**
 * The releases that tags and labels tell of, the newest first, where their records are lost. Each one's `reason` says
 * so; what nobody knows any more is empty. `deployed` are only those that certainly received traffic: the current one,
 * what tags name, and what stands in a service's other slot beside the current one. The others are `refused`, so that no
 * rollback returns to them, and still keep their images.
 */
export function rebuildRecords(options: RebuildOptions): readonly ReleaseRecord[] {
  const instances = options.labels.flatMap((labels) => instanceOf(labels, options) ?? []);
  const images = [...options.images, ...instances].filter(({ release }) => isReleaseId(release));
  const healthy = new Set([
    ...options.images.map(({ release }) => release),
    ...releasesBefore(instances, options.current),
    ...(options.current === null ? [] : [options.current]),
  ]);
  const ids = [...new Set(images.map(({ release }) => release))].sort();
  return ids
    .map((id): ReleaseRecord => {
      const received = healthy.has(id);
      return {
        id,
        environment: options.environment,
        at: timeOf(id),
        by: '',
        kind: 'deploy',
        outcome: received ? 'deployed' : 'refused',
        durationMs: 0,
        previousHealthy: ids.findLast((other) => other < id && healthy.has(other)) ?? null,
        restores: null,
        reason: received
          ? 'rebuilt from tags and labels: its record was lost'
          : 'rebuilt from labels: its record was lost, and nothing tells that it received traffic',
        services: servicesOf(id, { images, healthy, project: options.project }),
      };
    })
    .reverse();
}

function instanceOf(
  labels: Readonly<Record<string, string>>,
  { project, environment }: RebuildOptions,
): Instance | undefined {
  if (labels['maestro.project'] !== project || labels['maestro.environment'] !== environment) return undefined;
  const service = labels['maestro.service'];
  const slot = labels['maestro.slot'];
  const release = labels['maestro.release'];
  const digest = labels['maestro.digest'];
  if (service === undefined || slot === undefined || release === undefined || digest === undefined) return undefined;
  return { service, slot, release, digest };
}

/** Until the current release took a service's traffic, its other slot had it: nothing was started there since. */
function releasesBefore(instances: readonly Instance[], current: string | null): readonly string[] {
  const taken = instances.filter(({ release }) => release === current);
  return taken.flatMap(({ service, slot, release }) =>
    instances
      .filter((other) => other.service === service && other.slot !== slot && other.release < release)
      .map((other) => other.release),
  );
}

interface Known {
  readonly images: readonly TaggedImage[];
  readonly healthy: ReadonlySet<string>;
  readonly project: string;
}

/** What each service had in a release: what this brought, else what the last healthy one before it did. */
function servicesOf(id: string, { images, healthy, project }: Known): readonly ReleasedImage[] {
  const latest = new Map<string, TaggedImage>();
  for (const image of images) {
    const before = latest.get(image.service);
    const counts = image.release === id || (image.release < id && healthy.has(image.release));
    if (counts && (before === undefined || before.release < image.release)) latest.set(image.service, image);
  }
  const named = [...latest.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
  return named.map(({ service, digest }) => ({
    name: service,
    image: `${project}-${service}@${digest}`,
    digest,
    configHash: '',
    secretVersions: {},
  }));
}

/** The first ten characters of a ULID are its time: https://github.com/ulid/spec#binary-layout-and-byte-order. */
function timeOf(id: string): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const ms = Array.from(id.slice(0, 10)).reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0);
  return new Date(ms).toISOString();
}
