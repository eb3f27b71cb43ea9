import { type Command as Program, InvalidArgumentError, Option } from 'commander';

import { parseDuration } from '../duration.ts';

/** How new versions are tried out, as the options below are read. */
export interface TrialFlags {
  readonly canary?: readonly number[];
  readonly bake?: number;
}

/** `--canary` and `--bake`; without them the configuration says it. */
export function withTrialOptions(program: Program): Program {
  return program
    .addOption(
      new Option(
        '--canary <percentages>',
        'what new versions get of the requests first, such as 10,50; 0 for none but those of testers',
      ).argParser(percentages),
    )
    .addOption(
      new Option(
        '--bake <duration>',
        'how long the version before stays warm, to take the traffic back, such as 30s or 5m',
      ).argParser(duration),
    );
}

function percentages(text: string): readonly number[] {
  const shares = text.split(',');
  if (!shares.every((share) => /^\d{1,2}$/.test(share))) {
    throw new InvalidArgumentError('Expected percentages from 0 to 99, such as 10,50.');
  }
  return shares.map(Number);
}

function duration(text: string): number {
  const ms = text === '0' ? 0 : parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Expected a time of up to 24 hours such as 30s or 5m, or 0.');
  return ms;
}
