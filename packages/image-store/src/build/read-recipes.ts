import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { normalize } from 'node:path/posix';

import { type ContextFile, identifyFiles } from '../source/context-files.ts';
import { findGitFolder } from '../source/git-folder.ts';
import { type GitSnapshot, type ListedFile, readGitSnapshot, textsOf } from '../source/git-snapshot.ts';
import { sourceEmpty } from '../source/git-source.ts';
import { dockerfileInvalid } from './dockerfile-error.ts';
import { parseIgnoreRules } from './ignore-rules.ts';
import type { ImageRecipe } from './image-recipe.ts';

/** A recipe with what it says to build, read but for the contents of the context. */
export interface ReadRecipe {
  readonly recipe: ImageRecipe;
  readonly snapshot: GitSnapshot;
  readonly dockerfile: {
    /** For errors: as somebody would type it. */
    readonly file: string;
    readonly text: string;
    /** Its path in the context, where it is one of its files. */
    readonly inContext: string | undefined;
  };
  /** What the context holds and no rule ignores, sorted by the bytes of their paths. */
  readonly files: readonly ContextFile[];
  /** What is not as the commit holds it, as seen from the root of the repository. */
  readonly differing: readonly string[];
}

export interface RecipeReaderOptions {
  readonly recipes: readonly ImageRecipe[];
  /** A commit, tag or branch; without it the working tree. */
  readonly ref: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Where a recipe's files are, as seen from the root of its repository. */
interface Located {
  readonly recipe: ImageRecipe;
  readonly root: string;
  readonly context: string;
  /** For errors and, outside of the repository, for reading. */
  readonly dockerfile: string;
  /** Undefined for a Dockerfile outside of the repository. */
  readonly dockerfilePath: string | undefined;
}

/**
 * Makes the function that reads one of these recipes with its Dockerfile, context and ignore file; a repository is asked
 * once for all of them. Both throw `IMAGE_STORE_DOCKERFILE_INVALID`, and what `readGitSource` does.
 */
export async function recipeReader(
  options: RecipeReaderOptions,
): Promise<(recipe: ImageRecipe) => Promise<ReadRecipe>> {
  const { recipes, ref, signal } = options;
  const located = await Promise.all(recipes.map((recipe) => locate(recipe, signal)));
  const places = new Map<ImageRecipe, { readonly located: Located; readonly readings: Readings }>();
  for (const root of new Set(located.map((each) => each.root))) {
    const here = located.filter((each) => each.root === root);
    const files = here.flatMap(wantedFiles);
    const folders = here.map(({ context }) => context);
    const snapshot = await readGitSnapshot({ root, ref, folders, files, signal });
    const readings = { snapshot, texts: await readTexts(snapshot, files), ref, signal };
    for (const each of here) places.set(each.recipe, { located: each, readings });
  }
  return async (recipe) => {
    const place = places.get(recipe);
    if (place === undefined) throw new TypeError(`${recipe.name} is none of the recipes`);
    return readRecipe(place.located, place.readings);
  };
}

async function locate(recipe: ImageRecipe, signal: AbortSignal | undefined): Promise<Located> {
  const { root, path } = await findGitFolder(recipe.context, signal);
  const dockerfile = recipe.dockerfile ?? join(recipe.context, 'Dockerfile');
  const dockerfilePath = normalize(join(path, relative(recipe.context, dockerfile)));
  const outside = dockerfilePath === '..' || dockerfilePath.startsWith('../');
  return { recipe, root, context: path, dockerfile, dockerfilePath: outside ? undefined : dockerfilePath };
}

function ignoreFileOf(dockerfile: string): string {
  return `${dockerfile}.dockerignore`;
}

function wantedFiles({ context, dockerfilePath }: Located): readonly string[] {
  const dockerfiles = dockerfilePath === undefined ? [] : [dockerfilePath, ignoreFileOf(dockerfilePath)];
  return [join(context, '.dockerignore'), ...dockerfiles];
}

/** A file that is read as text, by its path from the root of the repository. */
interface Text {
  readonly listed: ListedFile;
  readonly text: string;
}

async function readTexts(snapshot: GitSnapshot, paths: readonly string[]): Promise<ReadonlyMap<string, Text>> {
  const listed = paths.map((path) => snapshot.file(path));
  const texts = await textsOf(snapshot.git, listed);
  return new Map(
    listed.flatMap((file, index): readonly [string, Text][] => {
      const text = texts[index];
      return file === undefined || text === undefined ? [] : [[file.path, { listed: file, text }]];
    }),
  );
}

interface Readings {
  readonly snapshot: GitSnapshot;
  readonly texts: ReadonlyMap<string, Text>;
  readonly ref: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function readRecipe(located: Located, readings: Readings): Promise<ReadRecipe> {
  const { recipe, context, dockerfilePath } = located;
  const { snapshot, ref, signal } = readings;
  const { revision } = snapshot;
  const listed = snapshot.list(context);
  if (listed.length === 0) throw sourceEmpty(recipe.context, ref, revision);
  const dockerfile = await readDockerfile(located, readings);
  const rules = await readIgnoreFile(located, readings);
  const ignored = rules === undefined ? () => false : parseIgnoreRules(rules);

  const wanted = listed.filter(({ path }) => !ignored(path));
  const identified = await identifyFiles(wanted, { revision, signal });
  const sources = [dockerfile.listed, rules?.listed].filter((file) => file !== undefined);
  const read = await identifyFiles(sources, { revision, signal });
  const prefix = context === '' ? '' : `${context}/`;
  const differing = [
    ...identified.flatMap(({ path, differs }) => (differs ? [`${prefix}${path}`] : [])),
    ...read.flatMap(({ path, differs }) => (differs ? [path] : [])),
  ];
  const files = identified.flatMap(({ file }) => file ?? []);
  const { file, text } = dockerfile;
  return {
    recipe,
    snapshot,
    dockerfile: { file, text, inContext: files.find(({ path }) => `${prefix}${path}` === dockerfilePath)?.path },
    files,
    differing: [...new Set(differing)],
  };
}

/** A text, with what git knows of its file; nothing for one outside of the repository. */
interface Source {
  /** For errors. */
  readonly file: string;
  readonly text: string;
  readonly listed: ListedFile | undefined;
}

async function readDockerfile({ dockerfile: file, dockerfilePath }: Located, { texts }: Readings): Promise<Source> {
  const found = dockerfilePath === undefined ? await sourceOnDisk(file) : texts.get(dockerfilePath);
  if (found === undefined || found.listed?.committed?.mode === 'symlink') {
    throw dockerfileInvalid({ file }, 'expected a Dockerfile here, and no symbolic link', {
      hint: dockerfilePath === undefined ? 'write it' : `write it and commit it: git add ${dockerfilePath}`,
    });
  }
  return { file, text: found.text.replace(/^\uFEFF/, ''), listed: found.listed };
}

/** That of the Dockerfile, else that of the context. */
async function readIgnoreFile(located: Located, { texts }: Readings): Promise<Source | undefined> {
  const { recipe, context, dockerfile, dockerfilePath } = located;
  const file = ignoreFileOf(dockerfile);
  const own = dockerfilePath === undefined ? await sourceOnDisk(file) : texts.get(ignoreFileOf(dockerfilePath));
  if (own !== undefined) return { ...own, file };
  const common = texts.get(join(context, '.dockerignore'));
  return common === undefined ? undefined : { ...common, file: join(recipe.context, '.dockerignore') };
}

async function sourceOnDisk(file: string): Promise<Source | undefined> {
  try {
    return { file, text: await readFile(file, 'utf8'), listed: undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
