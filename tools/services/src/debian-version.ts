import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The version of a package that apt would install; null where its lists do not know it, as before a first update. */
export async function debianVersion(name: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('apt-cache', ['policy', name], { timeout: 30_000 });
    const candidate = /Candidate: (?<version>\S+)/.exec(stdout)?.groups?.version;
    return candidate === undefined || candidate === '(none)' ? null : candidate;
  } catch {
    return null;
  }
}
