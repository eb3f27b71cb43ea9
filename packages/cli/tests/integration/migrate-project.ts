import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { MaestroProcess } from './maestro-process.ts';

export interface MigrateProject extends AsyncDisposable {
  readonly folder: string;
  /** Everything that was printed so far. */
  readonly printed: readonly string[];
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `maestro migrate …`. */
  migrate(...args: readonly string[]): Promise<Ended>;
  /** The same with `--json`. */
  json(...args: readonly string[]): Promise<JsonEnded>;
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface JsonEnded {
  readonly exitCode: number | null;
  readonly events: readonly { readonly type: string; readonly database: string }[];
  readonly result: Readonly<Record<string, unknown>>;
}

export interface MigrateProjectOptions {
  readonly services: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

/** A project whose services have databases and nothing else. */
export async function migrateProject(options: MigrateProjectOptions): Promise<MigrateProject> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-cli-migrate-'));
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { mode: 0o600 });
    }
  };
  const services = Object.entries(options.services).map(([name, database]) => {
    return [name, { context: name, command: ['node', 'main.js'], database }] as const;
  });
  const config = {
    project: 'shop',
    services: Object.fromEntries(services),
    environments: { demo: { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: '.env' } } },
  };
  const secrets = Object.entries(options.secrets).map(([name, value]) => `${name}='${value}'\n`);
  await write({ ...options.files, 'maestro.config.json': JSON.stringify(config), '.env': secrets.join('') });

  const printed: string[] = [];
  const place = ['-e', 'demo', '-c', join(folder, 'maestro.config.json')];
  const migrate = async (...args: readonly string[]) => {
    const maestro = new MaestroProcess(['migrate', ...args, ...place], options.nodeOptions);
    const exitCode = await maestro.exitCode();
    const { stdout, stderr } = maestro;
    printed.push(stdout, stderr);
    return { exitCode, stdout, stderr };
  };
  return {
    folder,
    printed,
    write,
    migrate,
    json: async (...args) => {
      const { exitCode, stdout } = await migrate(...args, '--json');
      const lines = stdout.trimEnd().split('\n');
      const objects = lines.map((line) => JSON.parse(line) as JsonEnded['events'][number] & JsonEnded['result']);
      return { exitCode, events: objects.slice(0, -1), result: objects.at(-1) ?? {} };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
