import type { RegistryDiff } from './diff-registries.ts';
import type { SettingChange } from './setting-changes.ts';

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** Longer values are cut off. */
const widest = 80;

/**
 * A diff for people, a line each: `+ services.cache`, `~ services.web.container.replicas: 1 -> 3`. Values that were kept
 * out of the diff are not there; `no differences` where there are none.
 */
export function formatDiff({ services, settings }: RegistryDiff): string {
  const lines = [
    ...services.added.map((name) => `+ services.${name}`),
    ...services.removed.map((name) => `- services.${name}`),
    ...services.changed.flatMap(({ changes }) => changes.map(changeLine)),
    ...settings.map(changeLine),
  ];
  return lines.length === 0 ? 'no differences' : lines.join('\n');
}

function changeLine({ path, kind, before, after }: SettingChange): string {
  const values = [before, after].filter((value) => value !== undefined).map(asText);
  return `${signs[kind]} ${path}${values.length === 0 ? '' : `: ${values.join(' -> ')}`}`;
}

function asText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= widest ? text : `${text.slice(0, widest)}…`;
}
