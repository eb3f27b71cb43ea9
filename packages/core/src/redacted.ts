/** `inspect.custom`, without the import of `node:util` that every process would pay for. */
const inspection: unique symbol = Symbol.for('nodejs.util.inspect.custom');
const placeholder = '[redacted]';

/** A value that prints as `[redacted]` wherever it is logged, serialised or inspected; `reveal()` gives it out. */
export class Redacted<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [inspection](): string {
    return placeholder;
  }
}
