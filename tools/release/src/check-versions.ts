import type { Problem } from './events.ts';
import type { Manifest } from './publishable-packages.ts';
import { type Bump, rank } from './version-packages.ts';

export interface CheckVersionsOptions {
  /** The published packages before they got their versions. */
  readonly before: readonly Manifest[];
  readonly after: readonly Manifest[];
  /** What the changesets asked for. */
  readonly requested: ReadonlyMap<string, Bump>;
  /** The changelogs after it, by package. */
  readonly changelogs: ReadonlyMap<string, string>;
}

/** Whether the packages of a release fit together, and each got the version that was asked for. */
export function checkVersions(options: CheckVersionsOptions): readonly Problem[] {
  const { before, after } = options;
  const versions = new Map(after.map(({ name, version }) => [name, version]));
  const old = new Map(before.map((manifest) => [manifest.name, manifest]));
  return after.flatMap((manifest) => {
    const messages = [
      ...unfitRanges(manifest, versions),
      ...wrongBump(manifest, old.get(manifest.name), options),
      ...missingChangelog(manifest, old.get(manifest.name), options),
    ];
    return messages.map((message) => ({ subject: manifest.name, check: 'versions', message }));
  });
}

function unfitRanges({ dependencies, peerDependencies }: Manifest, versions: ReadonlyMap<string, string>) {
  return Object.entries({ ...peerDependencies, ...dependencies }).flatMap(([name, range]) => {
    const version = versions.get(name);
    if (version === undefined || isInCaretRange(version, range)) return [];
    return [`depends on ${name} ${range}, which leaves its new version ${version} out`];
  });
}

/** A dependent of what is released gets a patch unless a changeset asks for more: no bump is forced by another one. */
function wrongBump(after: Manifest, before: Manifest | undefined, { requested }: CheckVersionsOptions) {
  if (before === undefined) return [];
  const asked = requested.get(after.name);
  const got = bumpBetween(before.version, after.version);
  if (rank(got) < rank(asked))
    return [`went from ${before.version} to ${after.version}, a changeset asks for ${asked}`];
  if (rank(got) > Math.max(rank(asked), rank('patch'))) {
    return [`went from ${before.version} to ${after.version}, which no changeset asks for`];
  }
  const rangesChanged = JSON.stringify(before.dependencies) !== JSON.stringify(after.dependencies);
  return got === undefined && rangesChanged ? ['its dependencies changed, its version did not'] : [];
}

function missingChangelog(after: Manifest, before: Manifest | undefined, { changelogs }: CheckVersionsOptions) {
  if (before?.version === after.version) return [];
  const heading = new RegExp(`^## ${after.version.replaceAll('.', '\\.')}$`, 'm');
  return heading.test(changelogs.get(after.name) ?? '') ? [] : [`CHANGELOG.md has no section ${after.version}`];
}

function bumpBetween(from: string, to: string): Bump | undefined {
  const [one, other] = [numbersOf(from), numbersOf(to)];
  const first = one.findIndex((number, index) => number !== other[index]);
  return (['major', 'minor', 'patch'] as const)[first];
}

/** Packages of this project name one another as `^1.2.3`; any other range is none that is understood. */
export function isInCaretRange(version: string, range: string): boolean {
  if (!/^\^\d+\.\d+\.\d+$/.test(range)) return false;
  const least = numbersOf(range.slice(1));
  const actual = numbersOf(version);
  const leading = least.findIndex((number) => number > 0);
  const fixed = leading === -1 ? least.length : leading + 1;
  const sameSeries = least.slice(0, fixed).every((number, index) => number === actual[index]);
  return sameSeries && compare(actual, least) >= 0;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const first = one.findIndex((number, index) => number !== other[index]);
  return first === -1 ? 0 : (one[first] ?? 0) - (other[first] ?? 0);
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}
