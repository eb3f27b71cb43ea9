import type { InstanceSpec } from './runtime.ts';

/** A program that runs once and ends, such as a data import; it gets no traffic. */
export interface JobSpec extends Omit<InstanceSpec, 'port' | 'replicas' | 'slot'> {
  /** Tells the jobs of a service apart. */
  readonly job: string;
}

export interface JobResult {
  readonly exitCode: number;
  /** How it ended in words, such as `exit code 1`. */
  readonly exit: string;
  /** What it printed last, oldest first. */
  readonly lines: readonly string[];
}

/** Runs jobs beside the instances of an environment. */
export interface JobRunner {
  /**
   * Runs a job to its end, whatever that is, and removes it. One that a killed deployer started for the same release is waited for
   * instead of being run again. Throws `BLUEGREEN_JOB_TIMEOUT` after `timeoutMs`, `BLUEGREEN_SLOT_BUSY` while the job runs for
   * another release, `BLUEGREEN_START_FAILED`; a job that is given up, or whose signal aborts, is ended and removed.
   */
  run(
    spec: JobSpec & { readonly timeoutMs: number },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<JobResult>;
  /** Ends a job that a killed deployer left running for this release, and removes it; does nothing where there is none. */
  end(
    job: Pick<JobSpec, 'job' | 'release' | 'service'>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}
