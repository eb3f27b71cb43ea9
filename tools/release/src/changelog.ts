// Loaded by `changeset version`, which .changeset/config.json points here.

interface Change {
  readonly summary: string;
}

interface UpdatedDependency {
  readonly name: string;
  readonly newVersion: string;
}

/** What a changeset says in a changelog: a point of the list, or a text of its own where it has several points. */
export function getReleaseLine({ summary }: Change): string {
  const text = summary.trim();
  if (/^- /m.test(text)) return `\n${text}\n`;
  const [first = '', ...others] = text.split('\n');
  return [`- ${first}`, ...others.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
}

/** All dependencies in one line, also where several changes led to it; nobody reads which commits they were. */
export function getDependencyReleaseLine(_: readonly Change[], updated: readonly UpdatedDependency[]): string {
  if (updated.length === 0) return '';
  return `- Works with ${updated.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`).join(', ')}.`;
}
