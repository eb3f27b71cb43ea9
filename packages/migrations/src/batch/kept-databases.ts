import type { OpenedDatabase } from './batch-database.ts';

/** Databases that stay open from the look at them until they are migrated. */
export class KeptDatabases implements AsyncDisposable {
  readonly #opened = new Map<string, OpenedDatabase>();

  keep(name: string, opened: OpenedDatabase): void {
    this.#opened.set(name, opened);
  }

  /** It is the caller's then. */
  take(name: string): OpenedDatabase | undefined {
    const opened = this.#opened.get(name);
    this.#opened.delete(name);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#opened.values()].map((opened) => opened[Symbol.asyncDispose]()));
  }
}
