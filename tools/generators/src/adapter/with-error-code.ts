const union = /(export type \w+ErrorCode =)([^;]+);/;

/** A package's errors.ts with one more code, where codes of its alphabet's neighbours stand. */
export function withErrorCode(source: string, code: string): string {
  const [, head = '', body = ''] = union.exec(source) ?? [];
  const codes = [...body.matchAll(/'([A-Z_]+)'/g)].flatMap(([, known]) => known ?? []);
  if (codes.length === 0) throw new Error("src/errors.ts: expected export type …ErrorCode = | 'CODE' | …;");
  if (codes.includes(code)) return source;
  const at = codes.findIndex((known) => known > code);
  const all = at === -1 ? [...codes, code] : codes.toSpliced(at, 0, code);
  return source.replace(union, `${head}\n${all.map((known) => `  | '${known}'`).join('\n')};`);
}

/** `SecretsErrorCode` */
export function errorCodeType(source: string): string {
  return /export type (\w+ErrorCode) =/.exec(source)?.[1] ?? 'string';
}
