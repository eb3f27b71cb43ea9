import type { OwnPart } from '../part.ts';
import { programVersion } from './program-version.ts';

/** Kills a program at a system call of the test's choosing, where a signal sent by hand would hit by chance. */
export interface StraceSuite extends AsyncDisposable {
  readonly program: string;
}

export const strace: OwnPart<StraceSuite> = {
  kind: 'own',
  name: 'strace',
  title: 'strace',
  variable: 'MAESTRO_TEST_STRACE',
  programs: [{ name: 'strace' }],
  version: ({ strace: program = '' }) => programVersion(program, ['-V']),
  debianPackages: ['strace'],
  elsewhere: 'install strace, on Linux',
  openSuite: ({ programs: { strace: program = '' } }) =>
    Promise.resolve({ program, [Symbol.asyncDispose]: () => Promise.resolve() }),
};
