import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  /** Asks it to stop, as a release does. */
  stop(): void;
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
}

const services = join(import.meta.dirname, '..', 'services');

/** Starts a service as a deployment does: as a process of its own, on a free port, with nothing but these variables. */
export async function startService(
  name: 'gateway' | 'template-service',
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/server.ts'], {
    cwd: join(services, name),
    env: { PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const stop = () => {
    child.kill('SIGTERM');
  };
  try {
    const address = await addressOf(child);
    return {
      url: `http://${address}`,
      stop,
      exited,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function addressOf(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = / listens on (\S+)$/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`the service ended before it listened: ${complaints}`);
}
