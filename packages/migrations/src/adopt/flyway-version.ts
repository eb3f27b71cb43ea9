/** A version as Flyway compares it: `1.0`, `01` and `1_0` are the same. */
export function flywayVersion(written: string): string {
  const parts = written.split(/[._]/).map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length > 1 && parts.at(-1) === '0') parts.pop();
  return parts.join('.');
}

/** Whether it is another version's number or comes before it. */
export function isUpToVersion(version: string, last: string): boolean {
  const [parts, lastParts] = [version, last].map((one) => flywayVersion(one).split('.').map(BigInt));
  for (const [index, part] of (parts ?? []).entries()) {
    const lastPart = lastParts?.[index] ?? 0n;
    if (part !== lastPart) return part < lastPart;
  }
  return true;
}
