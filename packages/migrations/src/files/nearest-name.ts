/** The name that a misspelt one most likely stands for: at most two letters, or its end, differ. */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  const plain = written.toLowerCase().replaceAll('_', '-');
  const byDistance = names
    .map((name) => ({ name, distance: isStartOf(plain, name) ? 1 : distanceBetween(plain, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const nearest = byDistance[0];
  return nearest !== undefined && nearest.distance <= Math.min(2, plain.length / 3) ? nearest.name : undefined;
}

function isStartOf(written: string, name: string): boolean {
  return written.length >= 4 && name.startsWith(written);
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of one.split('').entries()) {
    const next = [i + 1];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (letter === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
