/** What a container has in its file system beside its image. */
export type ContainerMount =
  | {
      readonly kind: 'volume';
      readonly volume: string;
      readonly target: string;
      readonly readOnly?: boolean | undefined;
    }
  | {
      readonly kind: 'folder';
      /** An absolute path on the engine's machine. */
      readonly folder: string;
      readonly target: string;
      readonly readOnly?: boolean | undefined;
    }
  | { readonly kind: 'memory'; readonly target: string; readonly sizeBytes: number };

/** How the containers of an instance are made. A runtime without containers takes no notice of it. */
export interface ContainerSettings {
  /** As `docker run --user` takes it; the image's own by default. */
  readonly user?: string | undefined;
  /** Processors it may use, such as 0.5; all by default. */
  readonly cpus?: number | undefined;
  /** It is killed beyond that, and gets no swap space; no limit by default. */
  readonly memoryBytes?: number | undefined;
  /** Processes and threads it may have at once; no limit by default. */
  readonly processes?: number | undefined;
  readonly mounts?: readonly ContainerMount[] | undefined;
  /** Networks it joins beside the environment's own, by name; they must be there. */
  readonly networks?: readonly string[] | undefined;
  /** By name, such as `nofile`. */
  readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>> | undefined;
  /** Whether its root file system cannot be written to. */
  readonly readOnlyRoot?: boolean | undefined;
  /** `ALL` or names such as `NET_RAW`; what Docker grants by default is kept otherwise. */
  readonly dropCapabilities?: readonly string[] | undefined;
  readonly addCapabilities?: readonly string[] | undefined;
  /** Whether a small init process stands before the program, for one that leaves zombies behind. */
  readonly init?: boolean | undefined;
  /** Where its output goes; by default to three JSON files of 10 MB that rotate. */
  readonly log?: { readonly driver: string; readonly options: Readonly<Record<string, string>> } | undefined;
}
