export interface Page {
  readonly title: string;
  /** What of the repository it is made from. */
  readonly from: string;
  readonly body: readonly string[];
}

/** A page of the reference, with a newline at the end. */
export function renderPage({ title, from, body }: Page): string {
  const note = `<!-- Made by \`npm run docs\` from ${from}. Changes belong there. -->`;
  return `${[`# ${title}`, note, ...body].join('\n\n')}\n`;
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text in code style, whatever it holds. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/(?<!\\)\|/g, '\\|');
}

/** A sentence with a full stop, begun with a capital where it begins with a letter. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const begun = /^[a-z]+[ ,]/.test(trimmed) ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?:)]$/.test(begun) ? begun : `${begun}.`;
}
