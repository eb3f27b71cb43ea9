import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Removes a folder after unmounting whatever a killed process left mounted in it. */
export async function removeFolder(folder: string): Promise<void> {
  for (const mountPoint of await mountPointsIn(folder)) await promisify(execFile)('umount', ['--lazy', mountPoint]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Innermost first. The fifth field of proc_pid_mountinfo(5); it writes a space as \040. */
async function mountPointsIn(folder: string): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((mountPoint) => mountPoint.startsWith(`${folder}/`))
    .reverse();
}
