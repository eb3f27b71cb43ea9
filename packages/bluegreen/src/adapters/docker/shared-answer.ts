/**
 * Asks a question once for all who want to know at the same time. Nobody gets an answer that was begun before they asked: it would
 * miss what they have just done.
 */
export class SharedAnswer<T> {
  readonly #ask: () => Promise<T>;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  get(): Promise<T> {
    this.#next ??= this.#current.then(() => {
      this.#next = undefined;
      const answer = this.#ask();
      this.#current = answer.catch(() => undefined);
      return answer;
    });
    return this.#next;
  }
}
