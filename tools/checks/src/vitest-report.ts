import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { oneFailure, type Tally } from './tally.ts';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly TestResult[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[] | null;
}

// Of a failure's message: enough to see what was expected, not a stack.
const shownLines = 6;

/** Counts the tests of a run from the file of Vitest's JSON reporter; a run that left none has failed. */
export function readVitestReport(file: string, { exitedWell }: { readonly exitedWell: boolean }): Tally {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return oneFailure;
  }
  // A file that cannot be loaded fails without any of its tests failing.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailure),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    // An error outside of every test, such as an unhandled rejection, shows in the exit code alone.
    failed: failed === 0 && !exitedWell ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: [
      ...report.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(isFailure)
          .map(({ fullName, failureMessages }) => describe(`${name} > ${fullName}`, failureMessages?.join('\n'))),
      ),
      ...brokenFiles.map(({ name, message }) => describe(name, message)),
    ],
  };
}

const isFailure = ({ status }: TestResult) => status === 'failed';

function describe(place: string, message = ''): string {
  const lines = stripVTControlCharacters(message).split('\n');
  return [`${relative(process.cwd(), place)}:`, ...lines.slice(0, shownLines)].join('\n  ').trimEnd();
}
