import { ImageStoreError } from '../errors.ts';
import type { ImageBuilder } from '../ports/image-builder.ts';
import { inputTag } from '../image/guard-tags.ts';
import { buildInputHash } from './build-input-hash.ts';
import { baseNamed, repositoryOf } from './build-names.ts';
import { checkCycles, runInOrder, type Task } from './build-order.ts';
import { basesOf, replaceBases } from './dockerfile-bases.ts';
import type { Use } from './dockerfile-stages.ts';
import { type ImageRecipe, platformsOf } from './image-recipe.ts';
import { type ReadRecipe, recipeReader } from './read-recipes.ts';

/** An image with everything that decides what it is. */
export interface PlannedImage extends Task {
  readonly recipe: ImageRecipe;
  readonly read: ReadRecipe;
  readonly repository: string;
  /** Whether others start from it: it must then be in the builder's engine. */
  readonly shared: boolean;
  readonly dirty: boolean;
  readonly inputHash: string;
  /** The Dockerfile, each shared base image in it replaced by exactly the one of its input. */
  readonly dockerfile: string;
  /** What they were replaced by: `<repository>:<tag>`. */
  readonly bases: readonly string[];
}

export interface PlanOptions {
  readonly project: string;
  readonly services: readonly ImageRecipe[];
  readonly bases: readonly ImageRecipe[];
  readonly builder: Pick<ImageBuilder, 'resolveBase'>;
  readonly ref: string | undefined;
  readonly allowDirty: boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/** A recipe with the images its Dockerfile names. */
interface Node extends Task {
  readonly read: ReadRecipe;
  readonly uses: readonly Use[];
}

/**
 * Decides what the images of services and of the base images they share are made of, bases first, without building
 * anything.
 */
export async function planBuilds(options: PlanOptions): Promise<readonly PlannedImage[]> {
  const { services, bases, ref, allowDirty, signal } = options;
  const read = await recipeReader({ recipes: [...services, ...bases], ref, signal });
  const nodes = await neededNodes(read, options);
  if (!allowDirty) refuseDirty(nodes);
  checkCycles(nodes);
  const identities = await resolveBases(nodes, options);

  const planned = new Map<string, PlannedImage>();
  for (const node of basesFirst(nodes)) planned.set(node.name, planImage(node, { ...options, identities, planned }));
  return [...planned.values()];
}

/** The services, and the bases that they need directly or through other bases. */
export async function neededNodes(
  read: (recipe: ImageRecipe) => Promise<ReadRecipe>,
  options: Pick<PlanOptions, 'bases' | 'project' | 'services'>,
): Promise<readonly Node[]> {
  const needed = new Set(options.services);
  const nodes: Node[] = [];
  // The set grows while it is gone through.
  for (const recipe of needed) {
    const found = await read(recipe);
    const { text, file } = found.dockerfile;
    const { name, args = {}, target, dependsOn = [] } = recipe;
    const uses = platformsOf(recipe).flatMap((platform) => basesOf({ text, file, args, target, platform }));
    const shared = uses.flatMap(({ reference }) => baseNamed(reference, options) ?? []);
    for (const base of shared) needed.add(base);
    nodes.push({ name, needs: [...new Set([...shared.map((base) => base.name), ...dependsOn])], read: found, uses });
  }
  return nodes;
}

function basesFirst(nodes: readonly Node[]): readonly Node[] {
  const sorted = new Set<Node>();
  const visit = (node: Node) => {
    if (sorted.has(node)) return;
    for (const name of node.needs) nodes.filter((other) => other.name === name).forEach(visit);
    sorted.add(node);
  };
  nodes.forEach(visit);
  return [...sorted];
}

/** Identities of the images that are not built here, by reference and platform; each is asked for once. */
async function resolveBases(nodes: readonly Node[], options: PlanOptions): Promise<ReadonlyMap<string, string>> {
  const { builder, concurrency, signal } = options;
  const identities = new Map<string, string>();
  const foreign = nodes.flatMap(({ uses }) => uses.filter((use) => baseNamed(use.reference, options) === undefined));
  const distinct = new Map(foreign.map((use) => [identityKey(use), use]));
  const tasks = [...distinct].map(([name, use]) => ({ name, needs: [], use }));
  await runInOrder(
    tasks,
    async ({ name, use: { reference, platform } }, aborted) => {
      identities.set(name, await builder.resolveBase({ reference, platform }, { signal: aborted }));
    },
    { concurrency, signal },
  );
  return identities;
}

function identityKey({ reference, platform }: Pick<Use, 'reference' | 'platform'>): string {
  return JSON.stringify([reference, platform]);
}

interface Planning extends PlanOptions {
  readonly identities: ReadonlyMap<string, string>;
  /** The bases among them are there already. */
  readonly planned: ReadonlyMap<string, PlannedImage>;
}

function planImage({ name, needs, read, uses }: Node, planning: Planning): PlannedImage {
  const { project, services, identities, planned } = planning;
  const { recipe, files, dockerfile, differing } = read;
  const named = uses.map((use) => ({ use, base: planned.get(baseNamed(use.reference, planning)?.name ?? '') }));
  const inputHash = buildInputHash({
    files,
    dockerfile: dockerfile.text,
    target: recipe.target,
    args: recipe.args ?? {},
    labels: recipe.labels ?? {},
    platform: platformsOf(recipe).join(),
    bases: named.map(({ use, base }) => ({
      reference: use.reference,
      platform: use.platform,
      identity: base?.inputHash ?? identities.get(identityKey(use)) ?? '',
    })),
  });
  const replacements = named.flatMap(({ use, base }) =>
    base === undefined ? [] : [{ ...use, by: `${base.repository}:${inputTag(base.inputHash)}` }],
  );
  return {
    name,
    needs,
    recipe,
    read,
    repository: repositoryOf(project, recipe),
    shared: !services.includes(recipe),
    dirty: differing.length > 0 || named.some(({ base }) => base?.dirty === true),
    inputHash,
    dockerfile: replaceBases(dockerfile, replacements),
    bases: [...new Set(replacements.map(({ by }) => by))],
  };
}

const shownFiles = 5;

function refuseDirty(nodes: readonly Node[]): void {
  const files = [...new Set(nodes.flatMap(({ read }) => read.differing))];
  const [first] = nodes.filter(({ read }) => read.differing.length > 0);
  if (first === undefined) return;
  const more = files.length > shownFiles ? ` and ${files.length - shownFiles} more` : '';
  const { root, shortRevision } = first.read.snapshot;
  throw new ImageStoreError(
    'IMAGE_STORE_DIRTY',
    `the working tree of ${root} is not commit ${shortRevision}: ${files.slice(0, shownFiles).join(', ')}${more}`,
    {
      hint: `commit the changes, or put them aside: git -C ${root} stash --include-untracked`,
      details: { files: files.slice(0, 100), root },
    },
  );
}
