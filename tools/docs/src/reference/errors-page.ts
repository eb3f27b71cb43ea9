import type { Problem } from '../problem.ts';
import { errorCodesOf } from './error-codes.ts';
import { code, renderPage, table } from './markdown-page.ts';
import { packagesOf } from './source-files.ts';

/** Every code of every package with its cause, what to do, and the exit code of a command that ends with it. */
export function errorsPage(
  root: string,
  exitCodeOf: (code: string) => number,
): { readonly text: string; readonly problems: readonly Problem[] } {
  const packages = packagesOf(root).map((one) => ({ ...one, ...errorCodesOf(root, one.folder) }));
  const told = packages.filter(({ codes }) => codes.length > 0);
  return {
    problems: packages.flatMap(({ problems }) => problems),
    text: renderPage({
      title: 'Errors',
      from: 'the tables of errors in the READMEs of the packages, compared with what their sources throw',
      body: [
        'Every error of Maestro has a code for programs, a message that says where and what was expected, and a hint: what to ' +
          'type next. The command line prints them as `CODE: message` and `Next: hint`, with `--json` as `error` of the last line.',
        'In a deploy script branch on `code`; `isMaestroError(error, code)` of `@maestro/core` recognises one. `retryable` is true ' +
          'where the same call may succeed later without anybody changing anything. What is no error of Maestro is reported as `INTERNAL`.',
        ...told.flatMap(({ name, folder, codes }) => [
          `## ${name}`,
          `From [its README](../../packages/${folder}/README.md#errors).`,
          table(
            ['code', 'cause', 'what to do', 'exit code'],
            codes.map((one) => [code(one.code), one.when, one.next, String(exitCodeOf(one.code))]),
          ),
        ]),
      ],
    }),
  };
}
