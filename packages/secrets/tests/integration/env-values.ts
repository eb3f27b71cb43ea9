import fc from 'fast-check';

import { findAmbiguousLines } from '../../src/adapters/dotenv/ambiguous-lines.ts';

/** In the first kind of quotes that can hold it. */
export function envLine(name: string, value: string): string | undefined {
  const lines = ["'", '`', '"'].map((quote) => `${name}=${quote}${value}${quote}`);
  return lines.find(
    (line) => !line.slice(name.length + 2, -1).includes(line.at(-1) ?? '') && findAmbiguousLines(line).length === 0,
  );
}

// What readers, shells and encodings stumble over, among everything else there is.
const odd = fc.oneof(
  fc.mapToConstant({ num: 33, build: (index) => '\'"`\\#$ \n\t={}%&;|<>!*?~^()[]/,.:@-'.charAt(index) }),
  fc.constantFrom('$HOME', '$(id)', '{{x}}', '\u2028', '\u00e9', '\u{1f511}', '\u0001'),
);
/** Every value that a `.env` file can hold. */
export const envValue = fc
  .oneof(
    fc.string({
      unit: fc.oneof(odd, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
      minLength: 1,
      maxLength: 60,
    }),
  )
  .filter((text) => !text.includes('{{maestro:') && envLine('N', text) !== undefined);
