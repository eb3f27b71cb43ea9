const shortest = 7;

/** Whether both name one commit, the one perhaps by fewer digits than the other. */
export function isSameRevision(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= shortest && (a.startsWith(b) || b.startsWith(a));
}

export function shortRevision(revision: string): string {
  return revision.slice(0, shortest);
}
