import { isMaestroError } from '@maestro/core';

import type { Problem } from './events.ts';
import { type PackedPackage, toolEnvironment } from './pack-packages.ts';
import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

const deadlineMs = 5 * 60_000;

/** Whether publint and "are the types wrong" find nothing in a tarball. */
export async function checkTarball(
  { manifest, tarball }: PackedPackage,
  root: string,
  context: ReleaseContext,
): Promise<readonly Problem[]> {
  const checks = [
    { check: 'publint', args: [tarball, '--strict'] },
    { check: 'attw', args: [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'] },
  ];
  const found = await Promise.all(
    checks.map(async ({ check, args }) => {
      const message = await complaint(check, args, root, context);
      return message === undefined ? [] : [{ subject: manifest.name, check, message }];
    }),
  );
  return found.flat();
}

async function complaint(check: string, args: readonly string[], root: string, { clock, signal }: ReleaseContext) {
  try {
    const environment = toolEnvironment(root);
    const program = `${root}/node_modules/.bin/${check}`;
    await runProgram({ program, args, folder: root, environment, deadlineMs, clock, signal });
    return undefined;
  } catch (error) {
    if (isMaestroError(error) && error.code === 'RELEASE_PROGRAM_FAILED') return error.message;
    throw error;
  }
}
