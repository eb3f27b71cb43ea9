import {
  type Clock,
  createEmitter,
  isMaestroError,
  isoTime,
  type JsonValue,
  type Logger,
  type Observer,
  silentLogger,
} from '@maestro/core';

import { ImageStoreError } from '../errors.ts';
import type { ScanEvent } from '../events.ts';
import type { Cancellable, ImageKey } from '../ports/image-store.ts';
import type { Finding, ScanReport, VulnerabilityScanner } from '../ports/vulnerability-scanner.ts';
import { judge, type Judgement, type ScanPolicy } from './judge.ts';
import { scanFailedBy } from './scan-failed.ts';
import { worstFirst } from './findings.ts';

export interface ScanImagesOptions extends Cancellable {
  readonly images: readonly ImageKey[];
  readonly scanner: VulnerabilityScanner;
  readonly policy: ScanPolicy;
  readonly clock: Clock;
  readonly onEvent?: Observer<ScanEvent> | undefined;
  readonly logger?: Logger | undefined;
}

export interface ScannedImage extends Omit<Judgement, 'expired' | 'invalid' | 'unused'> {
  readonly image: ImageKey;
  readonly report: ScanReport;
}

export interface ScanOutcome extends Pick<Judgement, 'expired' | 'invalid' | 'unused'> {
  readonly images: readonly ScannedImage[];
}

const shownFindings = 10;
const keptFindings = 100;

/**
 * Lets images pass that have no vulnerability the policy refuses; all are scanned at once, in the adapter's own order.
 * The outcome names the allowances that do not count or that no image needs. Throws `IMAGE_STORE_SCAN_REFUSED` with the
 * worst findings first (`details.refused`, at most 100), else `IMAGE_STORE_SCAN_FAILED` where an image has no report.
 */
export async function scanImages(options: ScanImagesOptions): Promise<ScanOutcome> {
  const { images, policy, clock, onEvent, logger = silentLogger, signal } = options;
  const emit = createEmitter<ScanEvent>({ onEvent, clock, logger });
  const settled = await Promise.allSettled(images.map((image) => scanOne(image, options, emit)));
  signal?.throwIfAborted();

  const scanned = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = settled.find((result) => result.status === 'rejected');
  const outcome = withAllowances(scanned, policy, today(clock));
  for (const problem of ['invalid', 'expired', 'unused'] as const) {
    // What an image without a report needs is not known.
    if (problem === 'unused' && failure !== undefined) continue;
    for (const { id, until } of outcome[problem]) emit({ type: 'image-allowance', id, until, problem });
  }
  if (scanned.some(({ refused }) => refused.length > 0)) throw refusedBy(policy, outcome);
  if (failure !== undefined) throw failure.reason;
  return outcome;
}

async function scanOne(
  image: ImageKey,
  { scanner, policy, clock, signal }: ScanImagesOptions,
  emit: (event: ScanEvent) => void,
): Promise<ScannedImage> {
  const { repository, digest } = image;
  const startedMs = clock.monotonic();
  emit({ type: 'image-scan-started', repository, digest });
  try {
    const report = await scanner.scan(image, { signal });
    const { refused, allowed } = judge({ report, policy, today: today(clock) });
    emit({
      type: 'image-scan-finished',
      repository,
      digest,
      scanner: report.scanner,
      findings: report.findings.length,
      refused: refused.length,
      allowed: allowed.length,
      durationMs: clock.monotonic() - startedMs,
    });
    return { image, report, refused, allowed };
  } catch (error) {
    signal?.throwIfAborted();
    throw isMaestroError(error, 'IMAGE_STORE_SCAN_FAILED') ? error : scanFailedBy(image, 'the scanner', error);
  }
}

/** An allowance is unused where no image at all needs it. */
function withAllowances(images: readonly ScannedImage[], policy: ScanPolicy, day: string): ScanOutcome {
  const findings = images.flatMap(({ report }) => report.findings);
  const report = { scanner: '', database: null, findings };
  const { expired, invalid, unused } = judge({ report, policy, today: day });
  return { images, expired, invalid, unused };
}

function refusedBy({ failOn }: ScanPolicy, { images, expired, invalid }: ScanOutcome): ImageStoreError {
  const all = images.flatMap(({ image, refused }) => refused.map((finding) => ({ image, finding })));
  all.sort((a, b) => worstFirst(a.finding, b.finding));
  const lines = all.slice(0, shownFindings).map(({ image, finding }) => `  ${image.repository}: ${described(finding)}`);
  if (all.length > shownFindings) lines.push(`  and ${all.length - shownFindings} more`);
  for (const { id, until } of expired) lines.push(`  the allowance of ${id} ended on ${until}`);
  for (const { id } of invalid) lines.push(`  the allowance of ${id} has no reason or no date, and does not count`);
  const count = all.length === 1 ? '1 vulnerability is' : `${all.length} vulnerabilities are`;
  const message = [`${count} at least ${failOn}:`, ...lines].join('\n');
  return new ImageStoreError('IMAGE_STORE_SCAN_REFUSED', message, {
    hint: nextStep(all.map(({ finding }) => finding)),
    details: {
      refused: all.slice(0, keptFindings).map(({ image, finding }): JsonValue => ({ ...image, ...finding })),
      expired: expired.map(({ id }) => id),
      invalid: invalid.map(({ id }) => id),
    },
  });
}

function described({ id, severity, package: name, version, fixedIn }: Finding): string {
  const fix = fixedIn === null ? 'no fix yet' : fixedIn === '' ? 'fix not known' : `fixed in ${fixedIn}`;
  return `${id} ${severity}, ${name} ${version}, ${fix}`;
}

function nextStep(refused: readonly Finding[]): string {
  const mendable = refused.find(({ fixedIn }) => fixedIn !== null && fixedIn !== '');
  const [worst] = refused;
  const allow = `allow it for a time: { id: '${worst?.id ?? ''}', reason: '…', until: 'YYYY-MM-DD' }`;
  if (mendable === undefined) return allow;
  return `update ${mendable.package} to ${mendable.fixedIn ?? ''} and build again: maestro images build; or ${allow}`;
}

function today(clock: Clock): string {
  return isoTime(clock).slice(0, 10);
}
