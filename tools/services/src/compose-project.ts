import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One command is given so long; images may have to be built. */
const deadlineMs = 5 * 60_000;

export interface ComposeProjectOptions {
  /** `program` of the part docker-compose. */
  readonly program: string;
  /** `address` of the part docker. */
  readonly address: string;
  /** What its containers are called after; begin it with the name of the suite. */
  readonly name: string;
  /** The compose file. */
  readonly file: string;
  /** Laid over this process's environment, such as what the file takes from it. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A compose file on the Docker Engine of a suite; its containers and networks end with it. */
export interface ComposeProject extends AsyncDisposable {
  /** Runs docker-compose and returns what it prints, such as with `['up', '--detach']`; rejects with all of it. */
  run(args: readonly string[]): Promise<string>;
  /** `http://127.0.0.1:32768`, where a port of a service is published. */
  urlOf(service: string, port: number): Promise<string>;
}

export function composeProject(options: ComposeProjectOptions): ComposeProject {
  const { program, address, name, file, variables = {} } = options;
  const env = { ...process.env, ...variables, DOCKER_HOST: address };
  const run = async (args: readonly string[]) => {
    const all = ['--project-name', name, '--file', file, ...args];
    const { stdout } = await promisify(execFile)(program, all, { env, timeout: deadlineMs });
    return stdout;
  };
  return {
    run,
    urlOf: async (service, port) => `http://${(await run(['port', service, String(port)])).trim()}`,
    [Symbol.asyncDispose]: async () => {
      await run(['down', '--volumes', '--timeout', '5']);
    },
  };
}
