import type { OwnPart } from '../part.ts';
import { programVersion } from './program-version.ts';

/** Load that costs the machine little itself, where a proxy is to be the slowest part. */
export interface WrkSuite extends AsyncDisposable {
  readonly program: string;
}

export const wrk: OwnPart<WrkSuite> = {
  kind: 'own',
  name: 'wrk',
  title: 'wrk',
  variable: 'MAESTRO_TEST_WRK',
  programs: [{ name: 'wrk' }],
  version: ({ wrk: program = '' }) => programVersion(program, ['-v'], { exitCode: 1 }),
  debianPackages: ['wrk'],
  elsewhere: 'brew install wrk, or dnf install wrk',
  openSuite: ({ programs: { wrk: program = '' } }) =>
    Promise.resolve({ program, [Symbol.asyncDispose]: () => Promise.resolve() }),
};
