/** The progress of building, sending and fetching images; JSON-safe. */
export type ImageEvent =
  | {
      readonly type: 'image-build-started';
      /** The service, or the shared base image, that is built. */
      readonly service: string;
      readonly repository: string;
      readonly inputHash: string;
    }
  /** A line of the build's own output: a step, or what a command in it printed. */
  | { readonly type: 'image-build-output'; readonly service: string; readonly line: string }
  | {
      readonly type: 'image-build-finished';
      readonly service: string;
      readonly repository: string;
      readonly digest: string;
      readonly durationMs: number;
    }
  /** An image of the same input is there: nothing is built. */
  | {
      readonly type: 'image-unchanged';
      readonly service: string;
      readonly repository: string;
      readonly digest: string;
    }
  /** A layer on its way; `totalBytes` is 0 where the engine does not say. */
  | {
      readonly type: 'image-layer';
      readonly repository: string;
      readonly direction: 'push' | 'pull';
      readonly layer: string;
      readonly status: string;
      readonly currentBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly type: 'image-pushed';
      readonly repository: string;
      readonly tag: string;
      readonly digest: string;
      readonly durationMs: number;
    }
  /** An image that went from one place to another. */
  | {
      readonly type: 'image-copied';
      readonly repository: string;
      readonly digest: string;
      readonly tags: readonly string[];
      /** What was not there before. */
      readonly copiedBytes: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'image-pulled';
      readonly repository: string;
      readonly digest: string;
      readonly durationMs: number;
    };

/** The progress of the scan gate; JSON-safe. */
export type ScanEvent =
  | { readonly type: 'image-scan-started'; readonly repository: string; readonly digest: string }
  /** `findings` are all that the scanner knows; those refused keep the image out. */
  | {
      readonly type: 'image-scan-finished';
      readonly repository: string;
      readonly digest: string;
      readonly scanner: string;
      readonly findings: number;
      readonly refused: number;
      readonly allowed: number;
      readonly durationMs: number;
    }
  /** An allowance of the scan policy that does not count (no reason or date, or past), or that no image needs. */
  | {
      readonly type: 'image-allowance';
      readonly id: string;
      readonly until: string;
      readonly problem: 'invalid' | 'expired' | 'unused';
    };
