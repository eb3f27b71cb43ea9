import type { GitCommands } from './git-commands.ts';

/** How people call a commit: its nearest tag and how far it is from it, else its first digits. */
export async function describeCommit(git: GitCommands, revision: string): Promise<string> {
  const described = await git.attempt('describe', '--tags', '--abbrev=7', '--end-of-options', revision);
  return described?.trim() ?? revision.slice(0, 7);
}

/** Where the repository was cloned from, without credentials; undefined where that is nowhere others could reach. */
export async function originUrl(git: GitCommands): Promise<string | undefined> {
  const url = await git.attempt('config', '--get', 'remote.origin.url');
  return url === undefined ? undefined : publicUrl(url.trim());
}

/** Takes away whatever of a remote's address may be secret; undefined for a path of this machine. */
export function publicUrl(remote: string): string | undefined {
  // `git@example.org:team/shop.git`
  if (/^[\w.-]+@[\w.-]+:[^/]/.test(remote)) return remote;
  if (!URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  if (!['http:', 'https:', 'ssh:', 'git:'].includes(url.protocol)) return undefined;
  url.password = '';
  // The name alone is the secret of some: `https://<token>@example.org/team/shop.git`.
  if (url.protocol !== 'ssh:') url.username = '';
  url.search = '';
  url.hash = '';
  return url.href;
}
