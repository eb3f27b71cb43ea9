import type { ReleaseRecord } from '../../src/index.ts';
import { sampleRelease, sampleReleaseId } from '../../src/testing.ts';

/** What a deployer of `recording-to-registry.ts` records. */
export interface RecordingJob {
  readonly registry: string;
  readonly namespace: string;
  /** Of the image that each release takes in turn. */
  readonly digests: readonly string[];
  readonly numbers: readonly number[];
}

/** Releases that follow one another, each with another image than the one before. */
export function releaseOf(number: number, digests: readonly string[]): ReleaseRecord {
  const digest = digests[number % digests.length];
  const services = sampleRelease(number).services.map((service) => ({ ...service, digest: digest ?? service.digest }));
  return sampleRelease(number, { previousHealthy: number === 1 ? null : sampleReleaseId(number - 1), services });
}
