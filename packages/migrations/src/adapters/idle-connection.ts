interface Connection {
  readonly isLost: boolean;
  end(): Promise<void>;
}

/** Keeps one connection for the next who needs one, such as the next try for the lock. */
export class IdleConnection<Kept extends Connection> {
  #idle: Kept | undefined;

  async take(open: (signal?: AbortSignal) => Promise<Kept>, signal: AbortSignal | undefined): Promise<Kept> {
    signal?.throwIfAborted();
    const idle = this.#idle;
    this.#idle = undefined;
    return idle === undefined || idle.isLost ? open(signal) : idle;
  }

  async putBack(connection: Kept): Promise<void> {
    if (this.#idle === undefined && !connection.isLost) this.#idle = connection;
    else await connection.end();
  }

  async end(): Promise<void> {
    await this.#idle?.end();
    this.#idle = undefined;
  }
}
