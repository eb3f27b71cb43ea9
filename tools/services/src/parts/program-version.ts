import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The first thing that looks like a version in what a program says of itself, on whichever stream. */
export async function programVersion(
  program: string,
  args: readonly string[],
  /** Some name their version together with their usage, and end as for a wrong one. */
  { exitCode = 0 }: { readonly exitCode?: number } = {},
): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 30_000 }).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== exitCode) throw error;
    return error as { readonly stdout: string; readonly stderr: string };
  });
  const version = /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0];
  if (version === undefined) throw new Error(`${program} ${args.join(' ')} names no version`);
  return version;
}
