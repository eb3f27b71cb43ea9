import type { StartedWith } from '../release/release-definition.ts';
import { contentHash } from './content-hash.ts';

/** What a service is started with otherwise than before, by names alone: `secret DB_URL rotated`; undefined where nothing is. */
export function configurationChange(before: StartedWith, now: StartedWith): string | undefined {
  const differs = (part: keyof StartedWith) => contentHash([before[part]]) !== contentHash([now[part]]);
  const changes = [
    ...entryChanges('secret', 'rotated', before.secretVersions, now.secretVersions),
    ...entryChanges('variable', 'changed', before.environment, now.environment),
    ...(differs('command') ? ['command changed'] : []),
    ...(differs('database') ? ['database changed'] : []),
    ...(differs('container') ? ['container settings changed'] : []),
  ];
  if (changes.length === 0) return undefined;
  const more = changes.length - mostShown;
  return [...changes.slice(0, mostShown), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

const mostShown = 3;

type Entries = Readonly<Record<string, string>>;

function entryChanges(kind: string, changed: string, before: Entries, now: Entries): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    if (before[name] === now[name]) return [];
    const what = before[name] === undefined ? 'added' : now[name] === undefined ? 'removed' : changed;
    return [`${kind} ${name} ${what}`];
  });
}
