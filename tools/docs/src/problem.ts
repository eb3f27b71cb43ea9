/** Something in the documentation that is not as it says. */
export interface Problem {
  /** Relative to the repository. */
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  readonly message: string;
}

/** `docs/guides/canary.md:12: …`, which editors and terminals make a link. */
export function describeProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
