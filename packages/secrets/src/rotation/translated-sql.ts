import { isMaestroError } from '@maestro/core';

import type { ConnectSql, SqlSession } from '../ports/sql-session.ts';

/** What a driver threw, by its code alone: the rest of it may hold statements, and with them passwords. */
export type TranslateSql = (code: string, statement: string | undefined) => Error;

/** The same connections, with errors of this package. */
export function translatedSql(connect: ConnectSql, translate: TranslateSql): ConnectSql {
  const attempt = async <T>(work: Promise<T>, statement?: string): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw isMaestroError(error) ? error : translate(codeOf(error), statement);
    }
  };
  return async (login, options) => {
    const session = await attempt(connect(login, options));
    return {
      execute: (sql, parameters) => attempt(session.execute(sql, parameters), sql),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    } satisfies SqlSession;
  };
}

/** As the server names it, or the system's name of what became of the connection. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
}
