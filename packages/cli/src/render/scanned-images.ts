import type { ScannedImage } from '@maestro/orchestrator';

import { shortDigest } from './images.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** What was found in each image and what was accepted; images that are refused end the command instead. */
export function renderScanned(images: readonly ScannedImage[], { colors }: Style): string {
  return table(
    images.map(({ service, digest, report, allowed }) => {
      const accepted = allowed.length === 0 ? '' : `, ${allowed.length} accepted`;
      const found = `${report.findings.length} findings${accepted}`;
      return [colors.bold(service), shortDigest(digest), found, `by ${report.scanner}`];
    }),
  ).join('\n');
}
