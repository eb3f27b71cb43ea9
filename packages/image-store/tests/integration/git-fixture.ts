import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ImageSource } from '../../src/index.ts';

/** A new git repository in a temporary folder. */
export function gitRepository() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-git-')));
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgSign=false'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const at = '2026-03-04T05:06:07+02:00';
  const git = (...command: readonly string[]) =>
    execFileSync('git', [...person, ...command], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at },
    }).trim();
  git('init', '--quiet', '--initial-branch=main');

  return {
    root,
    git,
    write: (path: string, contents: string | Uint8Array, mode = 0o644): void => {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
      chmodSync(file, mode);
    },
    /** Commits everything that lies in the working tree. */
    commit: (): string => {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'a change');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** A repository with two services, committed. */
export function serviceRepository() {
  const repository = gitRepository();
  repository.write('services/api/main.js', 'one');
  repository.write('services/web/index.html', 'web');
  return { ...repository, folder: join(repository.root, 'services', 'api'), revision: repository.commit() };
}

export function contentsOf({ files }: ImageSource): Record<string, string> {
  return Object.fromEntries(files.map(({ path, contents }) => [path, Buffer.from(contents).toString('utf8')]));
}
