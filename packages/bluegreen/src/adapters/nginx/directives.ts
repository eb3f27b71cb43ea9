/** A line of a configuration, or a block of them. */
export type Directive = string | readonly [opening: string, lines: readonly Directive[]];

/** Writes directives one below the other, what is in a block indented. */
export function textOf(directives: readonly Directive[], indent = ''): string {
  return directives
    .map((directive) => {
      if (typeof directive === 'string') return directive === '' ? '\n' : `${indent}${directive}\n`;
      const [opening, lines] = directive;
      return `${indent}${opening} {\n${textOf(lines, `${indent}  `)}${indent}}\n`;
    })
    .join('');
}

/**
 * A parameter that means itself. Variables are not wanted in it, and nginx has no way to write a dollar sign; line breaks and
 * the like have no business in names and paths either.
 */
export function quoted(text: string): string {
  if (!isQuotable(text)) throw new TypeError(`${JSON.stringify(text)} cannot be written into a configuration`);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function isQuotable(text: string): boolean {
  return !/[$\u0000-\u001f\u007f]/.test(text);
}
