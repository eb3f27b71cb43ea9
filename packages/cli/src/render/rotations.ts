import type { PlannedRotation, RotationResult } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { table } from './table.ts';

export interface RenderedRotations extends Pick<RotationResult, 'planned' | 'rotated'> {
  /** The command that rotates what would be rotated; null where it was. */
  readonly next: string | null;
}

/** What would be rotated and how to have it done, or the versions before and after. */
export function renderRotations({ planned, rotated, next }: RenderedRotations, { colors }: Style): string {
  if (next !== null) {
    const rows = planned.map((rotation) => [colors.bold(rotation.name), howOf(rotation), stateOf(rotation)]);
    return [...table(rows), `Nothing was rotated. Next: ${next}`].join('\n');
  }
  const rows = rotated.map(({ name, outcome, version, previous }) => [
    colors.bold(name),
    outcome,
    previous === undefined ? version : `${previous} -> ${version}`,
  ]);
  return table(rows).join('\n');
}

function howOf({ by, service }: PlannedRotation): string {
  if (service === null) return 'by its Lambda in AWS';
  return `${by === 'single-user' ? 'the only user' : 'alternating users'} in the database of ${service}`;
}

function stateOf({ version, unfinished }: PlannedRotation): string {
  if (version === null) return 'is not there';
  return unfinished === null ? version : `${version}, goes on with ${unfinished}`;
}
