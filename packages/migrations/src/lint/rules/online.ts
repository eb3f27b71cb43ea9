import type { OperationKind, Statement } from '../operations.ts';

/** What only changes what is written down about a table, whatever is in it. */
const instant: ReadonlySet<OperationKind> = new Set(['drop-default', 'rename-table', 'set-default']);

/** Whether MySQL does it beside readers and writers, or refuses it. */
export function isOnline({ online, operations }: Statement): boolean {
  if (operations.every(({ kind }) => instant.has(kind))) return true;
  if (online?.algorithm === 'INSTANT') return true;
  return (online?.algorithm === 'INPLACE' || online?.algorithm === 'NOCOPY') && online.lock === 'NONE';
}
