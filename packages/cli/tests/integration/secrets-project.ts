import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEnvironment } from '@maestro/orchestrator';
import type { SuiteOf } from '@maestro/services';

import { MaestroProcess } from './maestro-process.ts';

export interface SecretsProjectOptions {
  /** An account in AWS of the suite's own. */
  readonly aws: SuiteOf<'aws'>;
  readonly services: Readonly<Record<string, object>>;
  /** Besides where its secrets are. */
  readonly environment: object;
  /** A new one by default. */
  readonly project?: string;
}

export interface SecretsProject extends AsyncDisposable {
  readonly project: string;
  readonly config: string;
  /** Everything that was printed so far. */
  readonly printed: readonly string[];
  /** Has these values in the store. */
  upload(values: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `maestro secrets …` in production. */
  secrets(...args: readonly string[]): Promise<Ended>;
  /** The same with `--json`. */
  json(command: string, ...args: readonly string[]): Promise<JsonEnded>;
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface JsonEnded {
  readonly exitCode: number | null;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly result: Readonly<Record<string, unknown>>;
}

/** A project whose secrets are in AWS. */
export async function secretsProject(options: SecretsProjectOptions): Promise<SecretsProject> {
  const { aws, services, environment, project = `shop-${crypto.randomUUID().slice(0, 8)}` } = options;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-cli-secrets-'));
  const config = join(folder, 'maestro.config.json');
  const secrets = { source: 'aws', regions: ['eu-central-1'], endpoint: aws.endpoint };
  const environments = { production: { proxy: { port: 0 }, secrets, ...environment } };
  await writeFile(config, JSON.stringify({ project, services, environments }));

  const printed: string[] = [];
  const run = async (first: string, ...rest: readonly string[]) => {
    const maestro = new MaestroProcess(['secrets', first, '-c', config, '-e', 'production', ...rest]);
    const exitCode = await maestro.exitCode();
    const { stdout, stderr } = maestro;
    printed.push(stdout, stderr);
    return { exitCode, stdout, stderr };
  };
  return {
    project,
    config,
    printed,
    async upload(values) {
      const lines = Object.entries(values).map(([name, value]) => `${name}='${value}'\n`);
      await writeFile(join(folder, '.env.production'), lines.join(''), { mode: 0o600 });
      await using production = await openEnvironment({ config, environment: 'production' });
      await production.secrets.upload({});
    },
    secrets: (...args) => run(args[0] ?? '', ...args.slice(1)),
    async json(command, ...args) {
      const { exitCode, stdout } = await run(command, '--json', ...args);
      const lines = stdout.trimEnd().split('\n');
      const objects = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      return { exitCode, events: objects.slice(0, -1), result: objects.at(-1) ?? {} };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
