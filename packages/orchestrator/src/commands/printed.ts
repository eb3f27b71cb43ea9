/** What a program printed last, for the message of an error; nothing where it printed nothing. */
export function printedInWords(lines: readonly string[], log: string | null): string {
  if (lines.length === 0) return '';
  const shown = lines.map((line) => `  ${line}`).join('\n');
  return `; it printed last:\n${shown}${log === null ? '' : `\n  more of it is in ${log}`}`;
}
