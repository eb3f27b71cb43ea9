export const memorySteps = ['build', 'push', 'pull', 'retag', 'copy', 'save'] as const;

export type MemoryStep = (typeof memorySteps)[number];

interface Location {
  readonly registry: string;
  readonly namespace: string;
}

/** What a process that is measured is given, as JSON. */
export interface MemoryWork {
  /** One after the other. */
  readonly steps: readonly MemoryStep[];
  /** Whether V8 is told what `maestro` tells it (`packages/cli/src/main.ts`), or nothing, as in a script of somebody's. */
  readonly asMaestro: boolean;
  readonly project: string;
  readonly repository: string;
  /** `unix:///…` */
  readonly engine: string;
  readonly location: Location;
  readonly copyTo: Location;
  /** The folder of a service in a git repository. */
  readonly context: string;
  /** Of this round alone; it is in what is built, too. */
  readonly tag: string;
  /** An image of the repository at `location`, to be copied and saved. */
  readonly large: { readonly digest: string; readonly sizeBytes: number };
  /** Where it is saved. */
  readonly folder: string;
}
