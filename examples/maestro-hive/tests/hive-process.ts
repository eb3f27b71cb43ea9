import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect } from 'vitest';

export interface HiveProcess extends AsyncDisposable {
  readonly url: string;
  /** All that it has printed until now. */
  printed(): string;
  sign(message: string): Promise<string>;
  /** By which key it takes the signature for right. */
  verify(message: string, signature: string): Promise<string | null>;
  stop(): Promise<number | null>;
}

const main = join(import.meta.dirname, '..', 'src', 'main.ts');

/** Starts it as its users do, with nothing but these variables. */
export async function startHive(variables: Readonly<Record<string, string>>): Promise<HiveProcess> {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, main], {
    env: { PORT: '0', WATCH_INTERVAL_MS: '100', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const addressIn = () => / listens on (\S+)$/m.exec(text)?.[1];
  const settled = () => child.exitCode !== null || addressIn() !== undefined;
  await expect.poll(settled, { timeout: 30_000 }).toBe(true);
  const address = addressIn();
  if (address === undefined) throw new Error(text);

  const url = `http://${address}`;
  const post = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    (await fetch(new URL(path, url), { method: 'POST', body, headers })).json();
  return {
    url,
    printed: () => text,
    sign: async (message) => ((await post('/sign', message)) as { signature: string }).signature,
    verify: async (message, signature) =>
      ((await post('/verify', message, { 'x-signature': signature })) as { validBy: string | null }).validBy,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
