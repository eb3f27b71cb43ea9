/** Names the anchors of a page's headings as GitHub does: repeated ones are numbered. */
export class AnchorNames {
  readonly #seen = new Map<string, number>();

  of(heading: string): string {
    const plain = anchorOf(heading);
    let name = plain;
    while (this.#seen.has(name)) {
      const times = (this.#seen.get(plain) ?? 0) + 1;
      this.#seen.set(plain, times);
      name = `${plain}-${times}`;
    }
    this.#seen.set(name, 0);
    return name;
  }
}

/** Letters, digits, hyphens and underscores of any script stay; spaces become hyphens. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
