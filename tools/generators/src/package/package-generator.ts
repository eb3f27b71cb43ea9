import { fileURLToPath } from 'node:url';

import { formatFiles, generateFiles, readJson, type Tree, updateJson } from '@nx/devkit';

import { type Names, namesOf } from '../names.ts';
import { nextSteps } from '../next-steps.ts';
import { withLibrary } from './with-library.ts';

export interface PackageOptions {
  readonly name: string;
  readonly noun?: string | undefined;
  readonly description?: string | undefined;
}

/** Writes packages/<name> and makes it known to the workspace. */
export async function packageGenerator(tree: Tree, options: PackageOptions): Promise<() => void> {
  const name = namesOf('package', options.name);
  const noun = namesOf('noun', options.noun ?? options.name);
  const description = options.description ?? `${capitalised(name.words)}, as one of the Maestro packages`;
  const folder = `packages/${name.kebab}`;
  if (tree.exists(folder)) throw new Error(`package "${name.kebab}": ${folder} is there already; choose another name`);

  generateFiles(tree, fileURLToPath(new URL('files', import.meta.url)), folder, {
    name,
    noun,
    nounFile: noun.kebab,
    description: description.replace(/\.$/, ''),
    coreVersion: readJson<{ readonly version: string }>(tree, 'packages/core/package.json').version,
  });
  tree.write(`.changeset/new-${name.kebab}.md`, changeset(name, description));
  updateJson<{ references: { path: string }[] }>(tree, 'tsconfig.json', (config) => ({
    ...config,
    references: [...config.references, { path: `./${folder}` }],
  }));
  tree.write('eslint.config.js', withLibrary(tree.read('eslint.config.js', 'utf8') ?? '', name.kebab));
  await formatFiles(tree);

  return nextSteps([
    'npm install: adds the package to package-lock.json and links it',
    `npx vitest run --project ${name.kebab}: its test passes`,
    `write ${folder}/src/${noun.kebab}.ts, and say in ${folder}/README.md what it does`,
    'npm run release -- check --update: writes its API report and its size limit',
    "add its row to README.md's list of packages and to docs/architecture.md",
  ]);
}

function changeset(name: Names, description: string): string {
  return `---\n'@maestro/${name.kebab}': minor\n---\n\n${description.replace(/\.$/, '')}.\n`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
