import { randomBytes } from 'node:crypto';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { poll, systemClock } from '@maestro/core';
import type { SecretsMount } from '@maestro/secrets/docker';
import type { SuiteOf } from '@maestro/services';
import Docker from 'dockerode';

export interface StartOptions {
  readonly image: string;
  readonly secrets?: SecretsMount | undefined;
  readonly env?: readonly string[];
  /** In the place of the image's own. */
  readonly command?: readonly string[];
  /** The image's own by default. */
  readonly user?: string;
  /** The volume of /data; a new one by default. */
  readonly data?: string | undefined;
}

export interface ClassicBuild {
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Containers of a suite, run as strictly as a registry can ask for. */
export class Containers {
  readonly docker: Docker;
  readonly #suite: SuiteOf<'docker'>;

  constructor(suite: SuiteOf<'docker'>) {
    this.#suite = suite;
    // Dockerode prefers the host of DOCKER_HOST to a socket that it is given.
    this.docker = new Docker({ host: '', ...suite.engine });
  }

  /** For an image, or for a volume, which the engine makes for the first container that names it. */
  newName(): string {
    return `${this.#suite.suite}-${randomBytes(4).toString('hex')}`;
  }

  async start({
    image,
    secrets,
    env = [],
    command,
    user,
    data = this.newName(),
  }: StartOptions): Promise<Docker.Container> {
    const container = await this.docker.createContainer({
      Image: image,
      Env: [...env],
      ...(command === undefined ? {} : { Cmd: [...command] }),
      ...(user === undefined ? {} : { User: user }),
      Labels: { ...this.#suite.labels },
      // What the image asks for, more often.
      Healthcheck: { Interval: 1_000_000_000 },
      HostConfig: {
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        NetworkMode: this.#suite.network.name,
        Mounts: [
          { Type: 'volume', Source: data, Target: '/data' },
          ...(secrets === undefined
            ? []
            : [
                { Type: 'volume' as const, Source: secrets.volume, Target: secrets.target, ReadOnly: secrets.readOnly },
              ]),
        ],
      },
    });
    await container.start();
    return container;
  }

  /** By the builder that engines had before BuildKit; it knows a Dockerfile in its context alone. The image's id. */
  async buildClassically({ context, dockerfile, args }: ClassicBuild): Promise<string> {
    await copyFile(dockerfile, join(context, 'Dockerfile'));
    const progress = await this.docker.buildImage(
      { context, src: await readdir(context) },
      { buildargs: { ...args }, labels: { ...this.#suite.labels }, t: `${this.newName()}:classic` },
    );
    let image: string | undefined;
    const output = await text(progress);
    for (const line of output.split('\n').filter((each) => each.trim() !== '')) {
      const event = JSON.parse(line) as { readonly aux?: { readonly ID?: string } };
      image = event.aux?.ID ?? image;
    }
    if (image === undefined || output.includes('"errorDetail"')) throw new Error(output);
    return image;
  }

  /** Until the image's own health check says so. */
  async untilHealthy(container: Docker.Container): Promise<void> {
    const { accepted, value } = await poll({
      probe: async () => (await container.inspect()).State,
      accept: (state) => state.Health?.Status === 'healthy' || !state.Running,
      intervalMs: 100,
      deadlineMs: 40_000,
      clock: systemClock,
    });
    if (accepted && value.Health?.Status === 'healthy') return;
    const output = await container.logs({ stdout: true, stderr: true, follow: false });
    throw new Error(`not healthy: ${JSON.stringify(value)}: ${output.toString()}`);
  }

  /** What a command prints that runs beside the program, as the same user. */
  async output(container: Docker.Container, command: readonly string[]): Promise<string> {
    const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const printed = new PassThrough();
    this.docker.modem.demuxStream(stream, printed, printed);
    stream.once('end', () => printed.end());
    const output = await text(printed);
    const { ExitCode: code } = await exec.inspect();
    if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code ?? 'nothing'}: ${output}`);
    return output;
  }

  /** How it ends when it is asked to. */
  async exitCode(container: Docker.Container): Promise<number> {
    await container.stop({ t: 10 });
    return (await container.inspect()).State.ExitCode;
  }

  async layers(image: string): Promise<readonly string[]> {
    return (await this.docker.getImage(image).inspect()).RootFS.Layers ?? [];
  }
}
