import type { DatabaseLogin } from './login-database.ts';

export interface DatabaseAddress {
  readonly host: string;
  /** The server's usual one by default. */
  readonly port?: number | undefined;
  readonly database: string;
  /** Whether the server must prove who it is, by the system's authorities or by this one; false by default. */
  readonly tls?: boolean | { readonly ca: string } | undefined;
}

/** One connection to a database, whatever driver it is made with. Disposing of it ends the connection. */
export interface SqlSession extends AsyncDisposable {
  /**
   * Runs one statement, prepared by the server where there are parameters. Rejects with what the driver throws; its
   * `code` is read (`28P01`, `ER_ACCESS_DENIED_ERROR`), nothing else.
   */
  execute(sql: string, parameters?: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Opens a connection of its own, never one from a pool; when the signal aborts it is cut. */
export type ConnectSql = (login: DatabaseLogin, options: { readonly signal: AbortSignal }) => Promise<SqlSession>;

/** Where passwords are changed: by the driver that the adapter knows, or by one of the caller's own. */
export type DatabaseConnection =
  | { readonly address: DatabaseAddress; readonly connect?: undefined }
  | {
      readonly connect: ConnectSql;
      /** The place as operators know it, without credentials. */
      readonly name: string;
      readonly address?: undefined;
    };
