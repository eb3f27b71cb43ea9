import { relative } from 'node:path';

import type { ImportedComposeFile } from '@maestro/orchestrator';

import type { Style } from './style.ts';

export function renderWrittenCompose({
  environment,
  file,
}: {
  readonly environment: string;
  readonly file: string;
}): string {
  return `Wrote ${relative('', file)} of ${environment}. Its first lines say how it is started.`;
}

/** What was made of a compose file, and each thing that had no equivalent, with its place and what to do about it. */
export function renderImportedCompose(
  { from, imported }: { readonly from: string; readonly imported: ImportedComposeFile },
  { colors }: Style,
): string {
  const { file, services, findings } = imported;
  const blocks = findings.map(({ path, line, column, message, advice }) =>
    [`${colors.bold(`${from}:${line}:${column}`)} ${path}`, `  ${message}`, `  Instead: ${advice}`].join('\n'),
  );
  const count = services.length === 1 ? '1 service' : `${services.length} services`;
  const told =
    findings.length === 0
      ? 'Everything had an equivalent.'
      : `${findings.length} without an equivalent, or with another one than was written; comments in it say so, too.`;
  return [...blocks, `Wrote ${relative('', file)}: ${count}. ${told}`].join('\n');
}
