import type { ChildProcess } from 'node:child_process';

import { inForeground } from './in-foreground.ts';

const fromTerminals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGHUP', 'SIGQUIT'];
const forwarded: readonly NodeJS.Signals[] = [...fromTerminals, 'SIGTERM'];

/**
 * Passes this process's signals on to a child until it is disposed of. One that a terminal sends goes to the whole
 * foreground group, the child too: it is not sent a second time.
 */
export class ForwardedSignals implements Disposable {
  readonly #listeners: ReadonlyMap<NodeJS.Signals, () => void>;
  #child: ChildProcess | undefined;

  /** Before the child is started: a signal in between must not end this process and leave the child alone. */
  constructor() {
    const listenerOf = (signal: NodeJS.Signals) => () => {
      this.#forward(signal);
    };
    this.#listeners = new Map(forwarded.map((signal) => [signal, listenerOf(signal)]));
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  to(child: ChildProcess): void {
    this.#child = child;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #forward(signal: NodeJS.Signals): void {
    if (fromTerminals.includes(signal) && inForeground()) return;
    this.#child?.kill(signal);
  }
}
