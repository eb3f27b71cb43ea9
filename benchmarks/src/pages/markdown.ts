/** A table; its columns are as many as those of its head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');
}

/** Blocks with an empty line between any two, as the text of a file. */
export function page(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
