import { MaestroError } from '@maestro/core';

import { indented, type MigrationsErrorCode } from '../errors.ts';

export function nothingToAdopt(service: string, reason: string) {
  return new MaestroError<MigrationsErrorCode>('MIGRATIONS_NOTHING_TO_ADOPT', `${service}: ${reason}`, {
    hint: `see that it is the right database and table; a new database needs only: maestro migrate run --service ${service}`,
    details: { service },
  });
}

export function adoptionRefused(service: string, reasons: readonly string[]) {
  return new MaestroError<MigrationsErrorCode>(
    'MIGRATIONS_ADOPTION_REFUSED',
    `${service}: cannot be adopted, nothing was recorded\n${indented(reasons)}`,
    {
      hint:
        "name what a file stands for in its header, such as '-- adopts: alembic 1a2b3c', or the last file that is " +
        `applied: maestro migrate adopt --up-to <name> --service ${service}`,
      details: { service, reasons },
    },
  );
}
