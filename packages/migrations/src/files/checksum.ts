import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

import type { SqlScript } from '../sql/statements.ts';
import { significantText } from './module-text.ts';

/** Kept with every checksum: raise it when the same file gets another checksum than before. */
export const checksumVersion = 1;

/** Of what a script does: the same for other comments, layout and line endings. */
export function checksumOfScript({ tokens }: SqlScript): string {
  return sha256(JSON.stringify(tokens));
}

/**
 * Of what a module does, types left out, so that a .ts and the .js compiled from it usually agree.
 * Throws when the TypeScript has syntax that Node cannot run by leaving the types out.
 */
export function checksumOfModule(file: string, source: string): string {
  return sha256(significantText(file.endsWith('.ts') ? stripTypeScriptTypes(source) : source));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
