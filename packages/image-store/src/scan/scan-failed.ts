import { isMaestroError, messageOf } from '@maestro/core';

import { ImageStoreError } from '../errors.ts';
import type { ImageKey } from '../ports/image-store.ts';

export interface ScanFailure {
  readonly scanner: string;
  readonly problem: string;
  /** The next thing to do, as a command where there is one. */
  readonly hint: string;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** No report, so that nobody knows what the image has. */
export function scanFailed({ repository, digest }: ImageKey, failure: ScanFailure): ImageStoreError {
  const { scanner, problem, hint, retryable = false, cause } = failure;
  const message = `${scanner} does not say which vulnerabilities ${repository}@${digest} has: ${problem}`;
  return new ImageStoreError('IMAGE_STORE_SCAN_FAILED', message, {
    hint,
    details: { repository, digest, scanner },
    retryable,
    cause,
  });
}

/** The same for whatever kept a scanner from its report. */
export function scanFailedBy(image: ImageKey, scanner: string, cause: unknown): ImageStoreError {
  if (!isMaestroError(cause)) {
    const hint = 'a fault of the scanner, not of the image: see the cause, and report it to who made the scanner';
    return scanFailed(image, { scanner, problem: messageOf(cause), hint, cause });
  }
  const { message: problem, hint = '', retryable } = cause;
  return scanFailed(image, { scanner, problem, hint, retryable, cause });
}
