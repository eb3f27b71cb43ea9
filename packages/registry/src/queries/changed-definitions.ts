import type { ResolvedEnvironment } from '../resolve-environment.ts';
import { diffEnvironments } from './diff-registries.ts';

/** About how releases are made: nothing that runs is another for it. */
const ofReleases: ReadonlySet<string> = new Set(['bakeMs', 'canary', 'gates', 'hooks', 'limits', 'retention']);

/** What an environment says otherwise of each of its services than it did, in words. */
export function changedDefinitions(
  before: ResolvedEnvironment,
  after: ResolvedEnvironment,
): (service: string) => readonly string[] {
  const { services, settings } = diffEnvironments(before, after);
  const added = new Set(services.added);
  const own = new Map(services.changed.map(({ name, changes }) => [name, changes]));
  // Of an image's base only its Dockerfile tells who starts from it.
  const ofAll = changed(settings.filter(({ path }) => !ofReleases.has(path.split('.')[0] ?? '')));
  return (service) => [...(added.has(service) ? ['new in the registry'] : changed(own.get(service) ?? [])), ...ofAll];
}

/** `services.api.command and 2 more settings changed` */
function changed(settings: readonly { readonly path: string }[]): readonly string[] {
  const [first] = settings;
  if (first === undefined) return [];
  return [
    settings.length > 1 ? `${first.path} and ${settings.length - 1} more settings changed` : `${first.path} changed`,
  ];
}
