import type { Cancellable } from './image-store.ts';

/** Images that somebody is about to need, before a history, an instance or a tag tells so. */
export interface ImageClaim {
  /** Letters, digits, dots, underscores and hyphens: `<environment>-<release>`. */
  readonly id: string;
  /** Who needs them, for people: `release 01J… of production`. */
  readonly by: string;
  readonly digests: readonly string[];
  /**
   * How long it counts at most, in milliseconds, for work that nobody resumes; until it is withdrawn by default. Clocks of
   * machines must not differ by more than five minutes.
   */
  readonly validMs?: number | undefined;
}

/**
 * Keeps those that begin to use images apart from those that remove them, where environments or machines share images
 * and no lock. Both write down what they are about to do before they look for the other, so that of two at the same time
 * at least one knows. One contract suite holds for every adapter: `@maestro/image-store/testing`.
 */
export interface ImageClaims {
  /**
   * Afterwards nobody begins to remove these images, and what is there stays there: look for it only now. The same id
   * again replaces the claim. Waits a minute for a removal of one of them that goes on, then throws
   * `IMAGE_STORE_LOCKED`, with the claim made.
   */
  claim(claim: ImageClaim, options?: Cancellable): Promise<void>;
  /** For what is told otherwise by now, or was given up; a claim that is not there is fine. */
  withdraw(key: { readonly id: string }, options?: Cancellable): Promise<void>;
  list(options?: Cancellable): Promise<readonly Omit<ImageClaim, 'validMs'>[]>;
  /**
   * Says that these images go before `work` looks who claims them and removes the others, which may take five minutes;
   * then throws `IMAGE_STORE_UNREACHABLE`. Where it is unknown whether a removal still goes on, and after a crash, they
   * count as going for ten minutes from the beginning on: clocks of machines must not differ by more than five.
   */
  whileRemoving<T>(
    digests: readonly string[],
    work: (signal: AbortSignal) => Promise<T>,
    options?: Cancellable,
  ): Promise<T>;
}
