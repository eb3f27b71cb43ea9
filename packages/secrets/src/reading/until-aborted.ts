/** Waits for work that others share: a signal ends the waiting, not the work. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const listener = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', listener, { once: true });
    stopListening = () => {
      signal.removeEventListener('abort', listener);
    };
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}
