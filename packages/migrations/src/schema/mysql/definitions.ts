import { type SqlToken, tokenize } from '../../sql/tokens.ts';

/** A table without the number that it would give to its next row. */
export function withoutCounter(sql: string): string {
  const { tokens } = tokenize(sql, 'mysql');
  const at = tokens.findLastIndex(
    ({ text }, index) => text === 'AUTO_INCREMENT' && tokens[index + 1]?.text === '=' && depthAt(tokens, index) === 0,
  );
  const [option, value] = [tokens[at], tokens[at + 2]];
  if (option === undefined || value === undefined) return sql;
  return sql.slice(0, option.start).trimEnd() + sql.slice(value.start + value.text.length);
}

/** A table whose defaults name sequences without the database that both are in. */
export function withoutDatabase(sql: string, database: string): string {
  const { tokens } = tokenize(sql, 'mysql');
  const written = `\`${database.replaceAll('`', '``')}\``;
  const isOfSequence = (index: number) => /^(nextval|lastval|setval)$/i.test(tokens[index - 2]?.text ?? '');
  const found = tokens.filter(({ text }, index) => {
    return text === written && tokens[index + 1]?.text === '.' && isOfSequence(index);
  });
  return found.reduceRight((rest, { start }) => rest.slice(0, start) + rest.slice(start + written.length + 1), sql);
}

/** A view, routine or trigger without the user who made it: whoever runs this is. */
export function withoutDefiner(sql: string): string {
  const { tokens } = tokenize(sql, 'mysql');
  const at = tokens.findIndex(({ text }) => text.toUpperCase() === 'DEFINER');
  const [definer, sign] = [tokens[at], tokens[at + 1]];
  const rest = tokens
    .slice(at + 2)
    .find(({ text }) => /^(AGGREGATE|EVENT|FUNCTION|PROCEDURE|SQL|TRIGGER|VIEW)$/i.test(text));
  if (definer === undefined || sign?.text !== '=' || rest === undefined) return sql;
  return sql.slice(0, definer.start) + sql.slice(rest.start);
}

function depthAt(tokens: readonly SqlToken[], index: number): number {
  return tokens.slice(0, index).reduce((depth, { text }) => depth + (text === '(' ? 1 : text === ')' ? -1 : 0), 0);
}
