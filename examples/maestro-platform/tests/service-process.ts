import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  /** Asks it to stop, as a release does. */
  stop(): void;
  /** The exit code; null after a signal. */
  readonly exited: Promise<number | null>;
}

export const servicesFolder = join(import.meta.dirname, '..', 'services');

const commands = {
  gateway: ['node', 'src/server.ts'],
  'template-service': ['node', 'src/server.ts'],
  'automation-service': ['node', 'src/server.ts'],
  'quality-fabric': ['python3', '-m', 'quality_fabric'],
  'k8s-execution-service': ['python3', '-m', 'k8s_execution'],
} as const;

export type ServiceName = keyof typeof commands;

export const serviceNames = Object.keys(commands) as readonly ServiceName[];

/** This test's Node is what `node` means, whatever the shell's is. */
export const searchPath = [dirname(process.execPath), process.env.PATH ?? '/usr/bin:/bin'].join(delimiter);

export interface StartOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Instead of the one it is developed with. */
  readonly command?: readonly string[];
  /** Instead of its own. */
  readonly folder?: string;
}

/** Starts a service as a deployment does: as a process of its own, on a free port, with nothing but these variables. */
export async function startService(name: ServiceName, options: StartOptions): Promise<ServiceProcess> {
  const { environment, command = commands[name], folder = join(servicesFolder, name) } = options;
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: searchPath, PYTHONDONTWRITEBYTECODE: '1', PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  try {
    const url = `http://${await addressOf(child)}`;
    return {
      url,
      stop: () => child.kill('SIGTERM'),
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
