import { MaestroError, messageOf } from '@maestro/core';

import type { MigrationsErrorCode } from './errors.ts';
import type { UnfinishedMigration } from './ports/migration-database.ts';

export interface FailureFacts {
  readonly service: string;
  readonly name: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly cause: unknown;
  /** What was kept of it; undefined when nothing was. */
  readonly kept: UnfinishedMigration | undefined;
  /** Contract migrations before it that were passed over. */
  readonly passedOver: readonly string[];
}

export function migrationFailed({ service, name, file, line, cause, kept, passedOver }: FailureFacts) {
  const place = line === undefined ? file : `${file}:${line}`;
  const waiting =
    passedOver.length === 0 ? '' : `; before it these wait for the contract phase: ${passedOver.join(', ')}`;
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_FAILED', `${service}: ${place}: ${messageOf(cause)}`, {
    hint: `${whatWasKept(service, kept)}${waiting}`,
    details: {
      service,
      name,
      file,
      ...(line === undefined ? {} : { line }),
      ...(kept === undefined ? {} : { done: kept.done, total: kept.total }),
    },
    cause,
  });
}

function whatWasKept(service: string, kept: UnfinishedMigration | undefined): string {
  if (kept === undefined) return 'nothing of this migration was kept: correct the file and run again';
  if (kept.unknown !== undefined) {
    const { name } = kept;
    return `something of it may have been kept: maestro migrate repair --applied ${name}, or --retry ${name}, with --service ${service}`;
  }
  return `${kept.done} of its ${kept.total} statements were kept: correct the ones after them and run again`;
}
