import { Document, isMap, isScalar } from 'yaml';

import type { ComposeFinding } from './compose-finding.ts';

export interface WriteRegistryOptions {
  readonly registry: Readonly<Record<string, unknown>>;
  /** Name of the compose file. */
  readonly file: string;
  readonly findings: readonly ComposeFinding[];
  /** Names in the registry, by those in the compose file. */
  readonly names: ReadonlyMap<string, string>;
}

/** A registry as YAML; what had no equivalent is a comment at its service, or at the top. */
export function writeRegistry({ registry, file, findings, names }: WriteRegistryOptions): string {
  const document = new Document(registry, { aliasDuplicateObjects: false });
  const linesOf = (some: readonly ComposeFinding[]) =>
    some.map(({ line, message, advice }) => ` ${file}:${line}: ${message}: ${advice}`.replaceAll('\n', ' '));
  const services = document.get('services', true);
  const places = new Map<string, string[]>();
  const atTop: ComposeFinding[] = [];
  for (const finding of findings) {
    const service = [...names].find(([written]) => isAt(finding.path, written))?.[1];
    if (service === undefined || !document.hasIn(['services', service])) atTop.push(finding);
    else places.set(service, [...(places.get(service) ?? []), ...linesOf([finding])]);
  }
  if (isMap(services)) {
    for (const { key } of services.items) {
      if (!isScalar(key)) continue;
      key.spaceBefore = key !== services.items[0]?.key;
      const lines = places.get(String(key.value));
      if (lines !== undefined) key.commentBefore = lines.join('\n');
    }
  }
  if (isMap(document.contents)) {
    for (const { key } of document.contents.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
  }
  document.commentBefore = [` Made of ${file} by \`maestro compose import\`.`, ...linesOf(atTop)].join('\n');
  return document.toString({ lineWidth: 0, singleQuote: true });
}

function isAt(path: string, service: string): boolean {
  const start = /^\w[\w-]*$/.test(service) ? `services.${service}` : `services[${JSON.stringify(service)}]`;
  return path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`);
}
