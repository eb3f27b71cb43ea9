import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { findAmbiguousLines } from '../../src/adapters/dotenv/ambiguous-lines.ts';
import { dotenvStore, loadFingerprintKey } from '../../src/dotenv.ts';
import { diffSecrets, prepareSecrets, runWithSecrets, uploadSecrets } from '../../src/index.ts';
import { FakeSecretsManager } from '../../src/testing.ts';

const valuesARun = 100;
const runs = process.env.MAESTRO_NIGHTLY === 'true' ? 1000 : 100;

/** In the first kind of quotes that can hold it. */
function lineOf(name: string, value: string): string | undefined {
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
const value = fc
  .oneof(
    fc.string({
      unit: fc.oneof(odd, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
      minLength: 1,
      maxLength: 60,
    }),
  )
  .filter((text) => !text.includes('{{maestro:') && lineOf('N', text) !== undefined);

it.runIf(process.platform === 'linux')(
  `${runs * valuesARun} values survive from a .env file through the store into a process, byte for byte`,
  { timeout: 600_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-survive-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, '.env');
    const environ = join(folder, 'environ');
    const fingerprintKey = await loadFingerprintKey(join(folder, 'fingerprint.key'));
    const from = dotenvStore({ file, fingerprintKey });
    const values = fc.array(value, { minLength: valuesARun, maxLength: valuesARun });
    await fc.assert(
      fc.asyncProperty(values, async (texts) => {
        const named = texts.map((text, index) => [`N${index}`, text] as const);
        await writeFile(file, named.map(([name, text]) => `${lineOf(name, text) ?? ''}\n`).join(''), { mode: 0o600 });
        await using to = new FakeSecretsManager().store({ prefix: 'shop/' });
        await uploadSecrets({ from, to, diff: await diffSecrets({ from, to }) });
        const names = named.map(([name]) => name);
        const prepared = await prepareSecrets({ store: to, services: [{ name: 'api', secrets: names }] });
        const { exitCode } = await runWithSecrets({
          command: 'sh',
          args: ['-c', 'cat /proc/self/environ > "$0"', environ],
          secrets: prepared.forService('api'),
          inherited: { PATH: process.env.PATH },
        });
        expect(exitCode).toBe(0);
        // As the kernel has it: each variable ends in a NUL.
        const bytes = (await readFile(environ)).toString('latin1');
        const seen = new Set(bytes.split('\0'));
        const lost = named.filter(([name, text]) => !seen.has(`${name}=${Buffer.from(text).toString('latin1')}`));
        expect(lost).toEqual([]);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  },
);
