/** Of nginx, such as 1.22.1. */
export type NginxVersion = readonly [major: number, minor: number, patch: number];

/** Finds the version in what `nginx -v` says; undefined where there is none. */
export function parseVersion(said: string): NginxVersion | undefined {
  const [, major, minor, patch] = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(said) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

export function isAtLeast(version: NginxVersion, wanted: NginxVersion): boolean {
  for (const [index, part] of wanted.entries()) {
    const difference = (version[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
