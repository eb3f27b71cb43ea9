import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type Clock,
  createEmitter,
  type Logger,
  type Redacted,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';
import { z } from 'zod';

import { ImageStoreError } from '../../errors.ts';
import type { ImageEvent } from '../../events.ts';
import type { BuildOptions, BuildRequest, BuiltImage, ImageBuilder } from '../../ports/image-builder.ts';
import { buildArguments, type BuildxSettings } from './build-arguments.ts';
import { buildFailed, inspectFailed, missingPlugin, noEngineForPlatforms, tookTooLong } from './errors.ts';
import { type DockerExit, type DockerRun, NoDocker, runDocker } from './run-docker.ts';
import { masking } from './masking.ts';
import { SolveStatus } from './solve-status.ts';

export interface BuildxOptions extends BuildxSettings {
  /** The program; `docker` by default. */
  readonly docker?: string | undefined;
  /** What RUN --mount=type=secret,id=<name> gets, by that name. */
  readonly secrets?: Readonly<Record<string, Redacted>> | undefined;
  /** How long a build may take, in milliseconds; an hour by default. */
  readonly buildDeadlineMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

const hourMs = 3_600_000;
const inspectDeadlineMs = 60_000;
const shownLines = 20;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const metadataSchema = z.object({
  'containerimage.digest': digest,
  // An index has none.
  'containerimage.config.digest': digest.optional(),
});
const manifestSchema = z.object({ digest });

/**
 * Builds with `docker buildx build`: for several platforms, with secrets, caches elsewhere and attestations. Its
 * methods throw `IMAGE_STORE_UNSUPPORTED_BUILD` where docker or its plugin is missing, and for several platforms in an
 * engine; an engine that does not answer is a build that fails.
 */
export function openBuildx(options: BuildxOptions): ImageBuilder {
  return new BuildxBuilder(options);
}

class BuildxBuilder implements ImageBuilder {
  readonly #options: BuildxOptions;
  readonly #docker: string;
  readonly #clock: Clock;
  /** Environment variables that hold the secrets, by their names for the build. */
  readonly #variables: ReadonlyMap<string, { readonly variable: string; readonly secret: Redacted }>;
  #plugin: Promise<void> | undefined;

  constructor(options: BuildxOptions) {
    this.#options = options;
    this.#docker = options.docker ?? 'docker';
    this.#clock = options.clock ?? systemClock;
    this.#variables = new Map(
      Object.entries(options.secrets ?? {}).map(([id, secret], index) => [
        checkedSecretName(id),
        { variable: `MAESTRO_BUILD_SECRET_${index}`, secret },
      ]),
    );
  }

  async resolveBase({ reference }: { readonly reference: string }, { signal }: BuildOptions = {}): Promise<string> {
    await this.#needPlugin(signal);
    const lines: string[] = [];
    const { exitCode, output } = await this.#run(
      {
        // Not to be taken for an option.
        args: ['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', '--', reference],
        onErrorLine: (line) => lines.push(line),
      },
      { what: `asking for ${reference}`, deadlineMs: inspectDeadlineMs, signal },
    );
    const found = exitCode === 0 ? jsonOf(manifestSchema, output) : undefined;
    if (found === undefined) throw inspectFailed(reference, lines.slice(-shownLines));
    return found.digest;
  }

  async build({ context, ...request }: BuildRequest, { signal, onEvent }: BuildOptions = {}): Promise<BuiltImage> {
    const { output, logger = silentLogger, buildDeadlineMs = hourMs } = this.#options;
    signal?.throwIfAborted();
    if (output.kind === 'engine' && request.platform?.includes(',') === true) throw noEngineForPlatforms(request);
    await this.#needPlugin(signal);
    const emit = createEmitter<ImageEvent>({ onEvent, clock: this.#clock, logger });
    const mask = masking([...this.#variables.values()].map(({ secret }) => secret));
    const last: string[] = [];
    const say = (lines: readonly string[]) => {
      for (const line of lines.map(mask)) {
        emit({ type: 'image-build-output', service: request.service, line });
        last.push(line);
      }
      last.splice(0, last.length - shownLines);
    };
    const status = new SolveStatus();
    const folder = await mkdtemp(join(tmpdir(), 'maestro-buildx-'));
    try {
      const metadataFile = join(folder, 'metadata.json');
      const exit = await this.#run(
        {
          args: this.#arguments(request, metadataFile),
          variables: Object.fromEntries(
            [...this.#variables.values()].map(({ variable, secret }) => [variable, secret.reveal()]),
          ),
          input: context,
          onErrorLine: (line) => {
            say(status.take(line));
          },
        },
        { what: `building ${request.service}`, deadlineMs: buildDeadlineMs, signal },
      );
      say(status.end());
      if (exit.exitCode !== 0)
        throw buildFailed(request, `docker buildx ended with ${exit.exitCode ?? 'a signal'}`, last);
      return await builtImage(request, metadataFile, last);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #arguments(request: Omit<BuildRequest, 'context'>, metadataFile: string): readonly string[] {
    const secrets = Object.fromEntries([...this.#variables].map(([id, { variable }]) => [id, variable]));
    return buildArguments({ request, settings: this.#options, secrets, metadataFile });
  }

  /** Asked once for all; anew after a failure. */
  async #needPlugin(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#plugin ??= this.#findPlugin();
    try {
      await this.#plugin;
    } catch (error) {
      this.#plugin = undefined;
      throw error;
    }
    signal?.throwIfAborted();
  }

  async #findPlugin(): Promise<void> {
    const question = { what: 'asking for its version', deadlineMs: inspectDeadlineMs, signal: undefined };
    const { exitCode } = await this.#run({ args: ['buildx', 'version'] }, question);
    if (exitCode !== 0) throw missingPlugin(this.#docker);
  }

  async #run(
    run: Omit<DockerRun, 'docker' | 'clock' | 'signal'>,
    limits: { readonly what: string; readonly deadlineMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<DockerExit> {
    const { what, deadlineMs, signal: outer } = limits;
    const clock = this.#clock;
    let running: Promise<DockerExit> | undefined;
    try {
      return await withDeadline((signal) => (running = runDocker({ docker: this.#docker, clock, signal, ...run })), {
        deadlineMs,
        clock,
        signal: outer,
        onExpired: () => tookTooLong(what, deadlineMs),
      });
    } catch (error) {
      // Nothing goes on behind the caller's back.
      await running?.catch(() => undefined);
      if (error instanceof NoDocker) throw missingPlugin(this.#docker, error);
      throw error;
    }
  }
}

async function builtImage(
  request: Omit<BuildRequest, 'context'>,
  metadataFile: string,
  last: readonly string[],
): Promise<BuiltImage> {
  const text = await readFile(metadataFile, 'utf8').catch(() => '');
  const metadata = jsonOf(metadataSchema, text);
  if (metadata === undefined) throw buildFailed(request, 'docker buildx did not say which image it has built', last);
  const manifest = metadata['containerimage.digest'];
  return { imageId: metadata['containerimage.config.digest'] ?? manifest, digest: manifest, sizeBytes: 0 };
}

function jsonOf<T extends z.ZodType>(schema: T, text: string): z.infer<T> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function checkedSecretName(name: string): string {
  if (/^[\w.-]+$/.test(name)) return name;
  throw new ImageStoreError('IMAGE_STORE_INVALID_NAME', `"${name}" cannot be the name of a build secret`, {
    hint: 'use letters, digits, dots, underscores and hyphens alone',
    details: { secret: name },
  });
}
