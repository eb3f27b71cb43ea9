import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import {
  serviceNames,
  type ServiceName,
  servicesFolder,
  type ServiceProcess,
  startService,
} from './service-process.ts';

export interface RunningPlatform extends AsyncDisposable {
  readonly services: Readonly<Record<ServiceName, ServiceProcess>>;
}

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9';

const apiToken = 'api-token-of-the-test';
const executionToken = 'execution-token-of-the-test';

/** Variables that each service gets besides those of its database; all other services are out of reach. */
export function loneVariables(name: ServiceName): Record<string, string> {
  const urls = serviceNames.map((other) => [variableOf(other), nowhere]);
  return {
    ...(Object.fromEntries(urls) as Record<string, string>),
    API_TOKEN: apiToken,
    EXECUTION_TOKEN: executionToken,
    DATABASE_PATH: createDatabase(),
    MAESTRO_REVISION: `revision-of-${name}`,
    MAESTRO_SLOT: 'blue',
  };
}

/** All five as processes, without Maestro, each told where the ones it needs are. */
export async function startPlatform(): Promise<RunningPlatform> {
  await using stack = new AsyncDisposableStack();
  const urls: Record<string, string> = {};
  const start = async (name: ServiceName) => {
    const service = stack.use(await startService(name, { environment: { ...loneVariables(name), ...urls } }));
    urls[variableOf(name)] = service.url;
    return service;
  };
  const services = {
    'template-service': await start('template-service'),
    'quality-fabric': await start('quality-fabric'),
    'k8s-execution-service': await start('k8s-execution-service'),
    'automation-service': await start('automation-service'),
    gateway: await start('gateway'),
  };
  const started = stack.move();
  return { services, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function variableOf(name: ServiceName): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_URL`;
}

/** In the run's folder for temporary files, which goes with the run. */
function createDatabase(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'platform-')), 'templates.sqlite');
  const migration = join(servicesFolder, 'template-service/migrations/0001_create_templates.up.sql');
  const database = new DatabaseSync(path);
  database.exec(readFileSync(migration, 'utf8'));
  database.close();
  return path;
}
