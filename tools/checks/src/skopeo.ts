import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Machine {
  readonly hasSkopeo: boolean;
  readonly isRoot: boolean;
  readonly isDebian: boolean;
}

/** The tests of @maestro/image-store compare with skopeo what they wrote. */
export function skopeoAdvice({ hasSkopeo, isRoot, isDebian }: Machine): 'present' | 'install' | 'ask' {
  if (hasSkopeo) return 'present';
  return isRoot && isDebian ? 'install' : 'ask';
}

const deadlineMs = 5 * 60_000;

/** Installs skopeo where this may be done unasked, otherwise says how to get it; the tests say what they then miss. */
export function ensureSkopeo(): void {
  const advice = skopeoAdvice({
    hasSkopeo: succeeds('skopeo', ['--version']),
    isRoot: process.getuid?.() === 0,
    isDebian: existsSync('/etc/debian_version'),
  });
  if (advice === 'present') return;
  if (advice === 'install') {
    say('skopeo is missing, and image-store is tested with it: installing it with apt-get …');
    if (succeeds('apt-get', ['update']) && succeeds('apt-get', ['install', '-y', 'skopeo'])) return;
  }
  say(
    'SKOPEO IS MISSING: tests of image-store that need it cannot run. Get it with one of\n' +
      '  sudo apt-get install skopeo   |   sudo dnf install skopeo   |   brew install skopeo',
  );
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: deadlineMs }).status === 0;
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
