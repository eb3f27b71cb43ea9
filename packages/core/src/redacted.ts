import { inspect } from 'node:util';

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

  [inspect.custom](): string {
    return placeholder;
  }
}
