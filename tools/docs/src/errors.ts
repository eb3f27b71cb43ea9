import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every way this cannot go on; what it finds wrong in the documentation is a problem in its result instead. */
export type DocsErrorCode =
  /** Pages are to be written where something is already. */
  | 'DOCS_FOLDER_TAKEN'
  /** A program that the checks need (git, docker) failed. */
  | 'DOCS_PROGRAM_FAILED'
  /** Ctrl-C or SIGTERM; everything started was ended. */
  | 'DOCS_INTERRUPTED'
  /** A file that was asked for is no Markdown file of the repository. */
  | 'DOCS_UNKNOWN_FILE'
  /** Another process runs walkthroughs, and does not come to an end. */
  | 'DOCS_WALKTHROUGHS_BUSY';

export class DocsError extends MaestroError<DocsErrorCode> {
  constructor(code: DocsErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'DocsError';
  }
}
