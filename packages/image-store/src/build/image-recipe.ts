/** What an image is built of. */
export interface ImageRecipe {
  /** The service, or the base image that several services share; its repository is `<project>-<name>`. */
  readonly name: string;
  /** Absolute path of the folder that is the build context; in a git repository. */
  readonly context: string;
  /**
   * Absolute path of the Dockerfile; `Dockerfile` in the context by default. It is read from git where it lies in the
   * context's repository, else from the disk.
   */
  readonly dockerfile?: string | undefined;
  /** The stage to build; the last one by default. */
  readonly target?: string | undefined;
  /** Build arguments; nothing secret, they stay in the image's history. */
  readonly args?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** What it is built for, `linux/amd64` by default whatever the machine; several where the builder can. */
  readonly platforms?: readonly string[] | undefined;
  /** Which others are built before this one; those that are not built in the same run do not count. */
  readonly dependsOn?: readonly string[] | undefined;
}

const defaultPlatforms = ['linux/amd64'];

/** Sorted, each once. */
export function platformsOf({ platforms = defaultPlatforms }: ImageRecipe): readonly string[] {
  return [...new Set(platforms)].sort();
}
