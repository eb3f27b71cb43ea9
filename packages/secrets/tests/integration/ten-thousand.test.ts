import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { dotenvStore, loadFingerprintKey } from '../../src/dotenv.ts';
import { diffSecrets, prepareSecrets, runWithSecrets, uploadSecrets } from '../../src/index.ts';
import { FakeSecretsManager } from '../../src/testing.ts';
import { envLine, envValue } from './env-values.ts';

const valuesARun = 100;
const runs = process.env.MAESTRO_NIGHTLY === 'true' ? 1000 : 100;

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
    const values = fc.array(envValue, { minLength: valuesARun, maxLength: valuesARun });
    await fc.assert(
      fc.asyncProperty(values, async (texts) => {
        const named = texts.map((text, index) => [`N${index}`, text] as const);
        await writeFile(file, named.map(([name, text]) => `${envLine(name, text) ?? ''}\n`).join(''), { mode: 0o600 });
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
