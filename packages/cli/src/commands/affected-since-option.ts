import { Option } from 'commander';

/** What of the project is deployed, besides the names of services. */
export interface SelectionFlags {
  readonly ref?: string;
  readonly affectedSince?: string;
}

/** `--affected-since`, for the commands that deploy. */
export function affectedSinceOption(): Option {
  return new Option(
    '--affected-since <git-ref>',
    'only services that have to do with what changed since then, such as origin/main; uncommitted files count without --ref',
  );
}
