import { randomBytes } from 'node:crypto';

import type { SuiteOf } from '@maestro/services';
import Docker from 'dockerode';

type DockerSuite = SuiteOf<'docker'>;

export interface Command {
  readonly image: string;
  readonly command: readonly string[];
  readonly user?: string;
}

/** What tests of base images make on an engine; it carries the suite's name or labels, and goes with the suite. */
export class TestImages {
  readonly docker: Docker;
  readonly #suite: DockerSuite;

  constructor(suite: DockerSuite) {
    this.#suite = suite;
    this.docker = new Docker({ host: '', ...suite.engine });
  }

  /** One that no image has yet; at the registry of this address, where one is given. */
  newReference(registry?: string): string {
    const name = `${this.#suite.suite}-${randomBytes(4).toString('hex')}:test`;
    return registry === undefined ? name : `${new URL(registry).host}/${name}`;
  }

  async start(image: string, command?: readonly string[], user?: string): Promise<Docker.Container> {
    const container = await this.docker.createContainer({
      Image: image,
      Labels: { ...this.#suite.labels },
      // Its output then comes as it is, without the framing that tells the two streams apart.
      Tty: true,
      ...(command === undefined ? {} : { Cmd: [...command] }),
      ...(user === undefined ? {} : { User: user }),
    });
    await container.start();
    return container;
  }

  /** What a command in a container writes; throws when it fails. */
  async run({ image, command, user }: Command): Promise<string> {
    const container = await this.start(image, command, user);
    const { StatusCode: code } = (await container.wait()) as { readonly StatusCode: number };
    const output = await this.outputOf(container);
    if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}: ${output}`);
    return output;
  }

  async outputOf(container: Docker.Container): Promise<string> {
    const output = await container.logs({ stdout: true, stderr: true, follow: false });
    return output.toString().replaceAll('\r\n', '\n').trim();
  }

  /** The address of its port 80 on the engine's bridge. */
  async addressOf(container: Docker.Container): Promise<string> {
    const { NetworkSettings: settings } = await container.inspect();
    return `http://${settings.Networks.bridge?.IPAddress}/`;
  }

  async remove(reference: string): Promise<void> {
    await this.docker.getImage(reference).remove();
  }
}
