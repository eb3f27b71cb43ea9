import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkTarball } from './check-tarball.ts';
import { checkVersions } from './check-versions.ts';
import type { PackageRow, Problem, Trial } from './events.ts';
import { inTurn } from './in-turn.ts';
import { openLocalNpmRepository } from './local-npm-repository.ts';
import { installNode, testedNodes } from './node-versions.ts';
import { type PackedPackage, packPackages } from './pack-packages.ts';
import { type PublishablePackage, publishablePackages } from './publishable-packages.ts';
import { publishPackages } from './publish-packages.ts';
import { type ReleaseContext, step } from './release-context.ts';
import { copyTree } from './tree-copy.ts';
import { tryPackage } from './try-package.ts';
import { requestedBumps, versionPackages } from './version-packages.ts';

export interface DryRunOutcome {
  readonly packages: readonly PackageRow[];
  readonly problems: readonly Problem[];
}

// Installing waits for the disk and the network as much as for the processor.
const atOnce = 3;

/** Releases a copy of the tree at `root` to a local npm repository and uses each package alone. Changes nothing. */
export async function dryRun(root: string, context: ReleaseContext): Promise<DryRunOutcome> {
  await using tree = await step(context, 'copy the tree', () => copyTree({ root, ...context }));
  await using cleanup = new AsyncDisposableStack();
  // Beside the tree: in it, packages would find what is installed there.
  const work = await mkdtemp(join(tmpdir(), 'maestro-release-trial-'));
  cleanup.defer(() => rm(work, { recursive: true, force: true }));
  const before = await publishablePackages(tree.folder);
  const versionProblems = await step(context, 'versions and changelogs', () => version(tree.folder, before, context));

  const packed = await step(context, 'build and pack', () => pack(tree.folder, work, context));
  const tarballProblems = await step(context, 'publint and attw', () =>
    inTurn(packed, 1, (each) => checkTarball(each, root, context)),
  );
  await using repository = await openLocalNpmRepository(context);
  await step(context, 'publish to the local npm repository', async () => {
    await writeFile(join(work, '.npmrc'), repository.npmrc);
    await publishPackages({ packages: packed, folder: work, provenance: false }, context);
  });
  const place = { root, folder: work, npmrc: repository.npmrc };
  const tried = await step(context, 'install each package alone and use it', () => tryAll(packed, place, context));

  const problems = [...versionProblems, ...tarballProblems.flat(), ...tried.problems];
  for (const problem of problems) context.emit({ type: 'problem', problem });
  return { packages: await rows(before, packed, tried.trials), problems };
}

async function version(folder: string, before: readonly PublishablePackage[], context: ReleaseContext) {
  const requested = await requestedBumps(folder);
  await versionPackages(folder, context);
  const after = await publishablePackages(folder);
  const changelogs = await Promise.all(
    after.map(async ({ manifest, folder: own }) => {
      const text = await readFile(join(own, 'CHANGELOG.md'), 'utf8').catch(() => '');
      return [manifest.name, text] as const;
    }),
  );
  for (const { manifest } of after) {
    const from = before.find((each) => each.manifest.name === manifest.name)?.manifest.version ?? '-';
    context.emit({ type: 'version', package: manifest.name, from, to: manifest.version });
  }
  const manifests = (packages: readonly PublishablePackage[]) => packages.map(({ manifest }) => manifest);
  return checkVersions({
    before: manifests(before),
    after: manifests(after),
    requested,
    changelogs: new Map(changelogs),
  });
}

async function pack(root: string, into: string, context: ReleaseContext): Promise<readonly PackedPackage[]> {
  const packed = await packPackages({ root, into, ...context });
  for (const { manifest, tarball } of packed) {
    const { size } = await stat(tarball);
    context.emit({ type: 'tarball', package: manifest.name, version: manifest.version, bytes: size });
  }
  return packed;
}

interface Place {
  readonly root: string;
  readonly folder: string;
  readonly npmrc: string;
}

async function tryAll(packed: readonly PackedPackage[], place: Place, context: ReleaseContext) {
  const nodes = await inTurn(testedNodes, atOnce, (each) => installNode(each, place, context));
  const pairs = packed.flatMap((each) => nodes.map((node) => ({ packed: each, node, withTypes: node === nodes[0] })));
  const tried = await inTurn(pairs, atOnce, async (pair) => {
    const outcome = await tryPackage({ ...place, ...pair }, context);
    context.emit({ type: 'trial', trial: outcome.trial });
    return outcome;
  });
  return { trials: tried.map(({ trial }) => trial), problems: tried.flatMap(({ problems }) => problems) };
}

async function rows(
  before: readonly PublishablePackage[],
  packed: readonly PackedPackage[],
  trials: readonly Trial[],
): Promise<readonly PackageRow[]> {
  return await Promise.all(
    packed.map(async ({ manifest, tarball }) => ({
      package: manifest.name,
      from: before.find((each) => each.manifest.name === manifest.name)?.manifest.version ?? '-',
      version: manifest.version,
      bytes: (await stat(tarball)).size,
      trials: trials.filter((trial) => trial.package === manifest.name),
    })),
  );
}
