/** The words of a command that is one text, split and unquoted as compose does it: like a shell, without running one. */
export function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [token, single, double, escaped] of command.matchAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([\s\S])|\s+|[^\s'"\\]+|./gs,
  )) {
    if (/^\s+$/.test(token)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      const text: string = single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? token;
      word = (word ?? '') + text;
    }
  }
  return word === null ? words : [...words, word];
}
