/** A folder that looks like a service, and what its files say of it. */
export interface FoundService {
  /** As the registry takes names. */
  readonly name: string;
  /** Relative to the project's folder, `/` between its parts; `.` for that folder itself. */
  readonly context: string;
  /** Null where no file says how it is started outside of a container. */
  readonly command: readonly string[] | null;
  /** Relative to the project's folder; null for none. */
  readonly dockerfile: string | null;
  /** Where its containers listen; null where no file says so. */
  readonly port: number | null;
  /** The kind of database that it has a client of; null for none. */
  readonly database: 'mysql' | 'postgresql' | 'sqlite' | null;
  readonly hasMigrations: boolean;
  /** Whether it needs packages that are installed, and so are not in git. */
  readonly needsPackages: boolean;
}
