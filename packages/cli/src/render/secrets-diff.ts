import type { SecretChange, SecretDifference, SecretsDiff, UploadResult } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

const words: Readonly<Record<SecretChange, string>> = {
  added: 'added',
  changed: 'changed',
  unchanged: 'unchanged',
  'pending-deletion': 'marked for deletion there',
  'only-there': 'only there',
  rotated: 'rotated there, is not written',
  empty: 'empty, is not written',
  missing: 'missing on both sides',
};

/** What differs between two places, by name; what is the same is counted. */
export function renderDiff({ from, to, secrets }: SecretsDiff, { colors }: Style): string {
  const different = secrets.filter(({ change }) => change !== 'unchanged');
  const unchanged = secrets.length - different.length;
  return [
    `From ${from}`,
    `to ${to}:`,
    ...table(
      different.map(({ name, change }) => [colored(change, name, colors), words[change]]),
      '  ',
    ),
    `${unchanged} unchanged.`,
  ].join('\n');
}

export interface RenderedUpload {
  readonly diff: SecretsDiff;
  readonly written: Pick<UploadResult, 'changed' | 'created' | 'restored'>;
  /** The command that writes what would be written; null where it was. */
  readonly next: string | null;
}

/** The difference, and what was done about it or how to have it done. */
export function renderUpload({ diff, written, next }: RenderedUpload, style: Style): string {
  const shown = renderDiff(diff, style);
  if (!diff.secrets.some(isToWrite)) return `${shown}\nNothing to upload.`;
  if (next !== null) return `${shown}\nNothing was written. Next: ${next}`;
  const { created, changed, restored } = written;
  return `${shown}\nWritten: ${created.length} created, ${changed.length} changed, ${restored.length} restored.`;
}

function isToWrite({ change }: SecretDifference): boolean {
  return change === 'added' || change === 'changed' || change === 'pending-deletion';
}

function colored(change: SecretChange, name: string, colors: Colors): string {
  switch (change) {
    case 'added':
      return colors.green(`+ ${name}`);
    case 'changed':
      return colors.yellow(`~ ${name}`);
    case 'missing':
    case 'pending-deletion':
      return colors.red(`! ${name}`);
    default:
      return colors.dim(`  ${name}`);
  }
}
