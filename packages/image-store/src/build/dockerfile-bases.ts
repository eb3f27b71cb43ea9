import { dockerfileInvalid } from './dockerfile-error.ts';
import { type DockerfileOptions, readStages, type Stage, type Use } from './dockerfile-stages.ts';
import { nearestName } from './nearest-name.ts';

export interface BasesQuery extends DockerfileOptions {
  /** The stage that is built; the last one by default. */
  readonly target?: string | undefined;
}

/**
 * The images that a build of a Dockerfile's target starts from or copies from, in the order of the text; neither stages
 * nor `scratch`, and none that only other targets need. Throws `IMAGE_STORE_DOCKERFILE_INVALID`.
 */
export function basesOf(query: BasesQuery): readonly Use[] {
  const stages = readStages(query);
  const needed = new Set<number>();
  const bases: Use[] = [];
  const need = (index: number) => {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) return;
    needed.add(index);
    // FROM sees the stages before it alone; COPY and RUN name any by its name or number.
    const before = named(stages.slice(0, index), stage.from.reference);
    if (before !== -1) need(before);
    else if (stage.from.reference !== 'scratch') bases.push(stage.from);
    for (const copy of stage.copies) {
      const other = numbered(stages, copy.reference) ?? named(stages, copy.reference);
      if (other !== -1) need(other);
      else if (copy.reference !== 'scratch') bases.push(copy);
    }
  };
  need(targetOf(stages, query));
  return bases.sort((a, b) => a.start - b.start);
}

/**
 * Writes other names where a Dockerfile names images; the rest stays as it is, byte for byte. Throws
 * `IMAGE_STORE_DOCKERFILE_INVALID` for a place that names another image for each platform.
 */
export function replaceBases(
  { text, file }: Pick<DockerfileOptions, 'text' | 'file'>,
  replacements: readonly (Use & { readonly by: string })[],
): string {
  let replaced = '';
  let at = 0;
  const byPlace = new Map<number, Use & { readonly by: string }>();
  for (const replacement of replacements) {
    const other = byPlace.get(replacement.start) ?? replacement;
    if (other.by !== replacement.by) throw severalBases(file, other, replacement);
    byPlace.set(replacement.start, replacement);
  }
  for (const { start, end, by } of [...byPlace.values()].sort((a, b) => a.start - b.start)) {
    replaced += text.slice(at, start) + by;
    at = end;
  }
  return replaced + text.slice(at);
}

function severalBases(file: string, ...[one, other]: readonly [Use, Use]) {
  const problem = `expected one base image for all platforms, not ${one.reference} and ${other.reference}`;
  return dockerfileInvalid({ file }, problem, { hint: 'let one base image be built for each of the platforms' });
}

function targetOf(stages: readonly Stage[], { target, file }: BasesQuery): number {
  if (target === undefined) return stages.length - 1;
  const found = named(stages, target);
  const index = found === -1 ? (numbered(stages, target) ?? -1) : found;
  if (index !== -1) return index;
  const names = stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const near = nearestName(target, names);
  const known = names.length === 0 ? 'it names none' : `it has ${names.join(', ')}`;
  throw dockerfileInvalid({ file }, `expected a stage named ${target}: ${known}`, {
    hint: near === undefined ? `write FROM <image> AS ${target}` : `did you mean ${near}?`,
  });
}

/** The last stage of a name, for a name may be given again. */
function named(stages: readonly Stage[], name: string): number {
  return stages.findLastIndex((stage) => stage.name === name.toLowerCase());
}

function numbered(stages: readonly Stage[], reference: string): number | undefined {
  const index = /^\d+$/.test(reference) ? Number(reference) : undefined;
  return index !== undefined && index < stages.length ? index : undefined;
}
