import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The version that a program names, where it is on the PATH already. */
export function versionOf(program: string, args: readonly string[]): () => Promise<string> {
  return async () => {
    try {
      const { stdout, stderr } = await promisify(execFile)(program, [...args], { timeout: 10_000 });
      return /\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown';
    } catch {
      return 'not installed yet';
    }
  };
}
