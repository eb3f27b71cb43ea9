import type { Clock } from '@maestro/core';

import type { GlobalFlags } from '../parse-arguments.ts';
import { colorsFor, isTerminal, type OutputStream, type Variables } from '../terminal.ts';
import { jsonProgress } from './json-progress.ts';
import { plainProgress } from './plain-progress.ts';
import type { Progress } from './progress.ts';

export interface OpenProgressOptions {
  readonly flags: GlobalFlags;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Variables;
  readonly clock: Clock;
}

const silentProgress: Progress = { onEvent: () => undefined, notice: () => undefined, close: () => undefined };

/** Picks how a release under way is shown; only a terminal loads what draws the live view. */
export async function openProgress({ flags, stdout, stderr, env, clock }: OpenProgressOptions): Promise<Progress> {
  if (flags.quiet === true) return silentProgress;
  if (flags.json === true) return jsonProgress({ stdout, stderr });
  // Log lines would tear a view that is redrawn in place, and a terminal without a width cannot be redrawn.
  const redrawable = isTerminal(stderr, env) && stderr.columns !== 0;
  if (flags.verbose === true || !redrawable) return plainProgress(stderr);
  const { liveProgress } = await import('./live-progress.ts');
  return liveProgress({ stderr, colors: colorsFor(stderr, env, flags.color), clock });
}
