import { access } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { ResolvedEnvironment } from '@maestro/registry';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import type { GitFacts } from '../look-at-git.ts';
import { looked, Nothing } from '../nothing.ts';
import { counted, listed, quoted } from '../words.ts';
import type { World } from '../world.ts';

export const sourceChecks = [
  check({ name: 'git', group: 'sources', look: ({ git }) => git(), judge: judgeGit }),
  check({ name: 'commit', group: 'sources', look: repository, judge: judgeCommit }),
  check({
    name: 'working-tree',
    group: 'sources',
    look: (world) =>
      looked(repository(world), ({ changed }) => {
        const { images } = world.environment;
        return { changed, refuses: images !== null && !images.allowDirty };
      }),
    judge: judgeWorkingTree,
  }),
  check({ name: 'whole-clone', group: 'sources', look: repository, judge: judgeClone }),
  check({
    name: 'service-folders',
    group: 'sources',
    look: async ({ environment }) => ({ file: environment.file, missing: await missingSources(environment) }),
    judge: judgeSources,
  }),
  check({
    name: 'ignored-state',
    group: 'sources',
    look: (world) =>
      looked(repository(world), ({ committable }) => {
        const { root, stateFolder } = world.environment;
        return { path: relative(root, stateFolder), isCommittable: committable.includes(fileIn(stateFolder)) };
      }),
    judge: judgeIgnoredState,
  }),
];

/** One that stands for all that the state folder will hold. */
export function fileIn(stateFolder: string): string {
  return join(stateFolder, 'journal');
}

async function repository({ git }: World): Promise<GitFacts | Nothing> {
  const facts = await git();
  return facts.isRepository ? facts : new Nothing('cannot be told: see git');
}

export function judgeGit({ version, isRepository }: Pick<GitFacts, 'isRepository' | 'version'>): Judgement {
  if (version === null) return failed('git is not installed', 'apt-get install git');
  if (!isRepository) return failed('the folder of the configuration is in no git repository', 'git init');
  return ok(`git ${version}`);
}

export function judgeCommit({ commit }: Pick<GitFacts, 'commit'>): Judgement {
  if (commit !== null) return ok(commit.slice(0, 7));
  return failed('nothing is committed yet', `git add --all && git commit --message 'First commit'`);
}

/** Images of containers are built of commits; processes run the working tree as well, and their images say so. */
export function judgeWorkingTree(facts: { readonly changed: readonly string[]; readonly refuses: boolean }): Judgement {
  const { changed, refuses } = facts;
  if (changed.length === 0) return ok('no uncommitted changes in the folders of services');
  const message = `${counted(changed.length, 'uncommitted file')}: ${listed(changed)}`;
  const fix = 'git add --all && git commit';
  return refuses
    ? failed(`${message}; an environment like this one is deployed from commits`, fix)
    : warning(message, fix);
}

export function judgeClone({ isShallow }: Pick<GitFacts, 'isShallow'>): Judgement {
  if (!isShallow) return ok('all of the history is there');
  return warning('a part of the history is missing: what a commit changed cannot be told', 'git fetch --unshallow');
}

export function judgeSources(facts: { readonly file: string; readonly missing: readonly string[] }): Judgement {
  const { file, missing } = facts;
  if (missing.length === 0) return ok('all are there');
  return failed(`there is no ${listed(missing)}`, `$EDITOR ${quoted(file)}`);
}

function judgeIgnoredState(facts: { readonly path: string; readonly isCommittable: boolean }): Judgement {
  const { path, isCommittable } = facts;
  if (!isCommittable) return ok(`git ignores ${path}`);
  return warning(`git does not ignore ${path}, which holds state and logs`, `echo '/${path}/' >> .gitignore`);
}

async function missingSources({ root, services, images }: ResolvedEnvironment): Promise<readonly string[]> {
  const paths = services.flatMap(({ contextFolder, image }) =>
    images === null || image === null ? [contextFolder] : [contextFolder, image.dockerfile, image.contextFolder],
  );
  const wanted = [...new Set(paths)];
  const there = await Promise.all(
    wanted.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return wanted.filter((_, index) => !there[index]).map((path) => relative(root, path));
}
