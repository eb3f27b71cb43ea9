import type { BuildRequest } from '../../ports/image-builder.ts';

/** Where what was built goes. */
export type BuildxOutput =
  /** The engine that the builder runs in, for images of one platform. */
  | { readonly kind: 'engine' }
  /** An image repository, without an engine in between. */
  | {
      readonly kind: 'repository';
      /** `registry.example.com/team`: shop-api becomes registry.example.com/team/shop-api. */
      readonly prefix: string;
    };

/** What the builds of one builder have in common. */
export interface BuildxSettings {
  readonly output: BuildxOutput;
  /** The name of a builder of `docker buildx create`; the one in use by default. */
  readonly builder?: string | undefined;
  /** Such as `type=registry,ref=registry.example.com/team/cache`. */
  readonly cacheFrom?: readonly string[] | undefined;
  readonly cacheTo?: readonly string[] | undefined;
  /** How much is attested of how it was built; nothing by default, for it makes every build another digest. */
  readonly provenance?: 'min' | 'max' | undefined;
  /** Whether the packages in it are listed; false by default. */
  readonly sbom?: boolean | undefined;
}

export interface ArgumentsOptions {
  readonly request: Omit<BuildRequest, 'context'>;
  readonly settings: BuildxSettings;
  /** Environment variables that hold the secrets, by the ids that RUN --mount=type=secret,id=<id> knows them by. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly metadataFile: string;
}

/** The command line of `docker` that builds a context from its standard input; no secret is in it. */
export function buildArguments({ request, settings, secrets, metadataFile }: ArgumentsOptions): readonly string[] {
  const { output, builder, cacheFrom = [], cacheTo = [], provenance, sbom = false } = settings;
  const { repository, tags, dockerfile, target, args, labels, platform, bases = [] } = request;
  return [
    'buildx',
    'build',
    '--progress=rawjson',
    `--metadata-file=${metadataFile}`,
    output.kind === 'engine' ? '--load' : '--push',
    `--provenance=${provenance === undefined ? 'false' : `mode=${provenance}`}`,
    `--sbom=${String(sbom)}`,
    ...option('builder', builder),
    ...option('platform', platform),
    ...option('target', target),
    ...option('file', dockerfile),
    ...tags.flatMap((tag) => option('tag', nameIn(output, `${repository}:${tag}`))),
    ...bases.flatMap((base) => baseContext(output, base)),
    ...entries(args).flatMap((entry) => option('build-arg', entry)),
    ...entries(labels).flatMap((entry) => option('label', entry)),
    ...Object.entries(secrets).flatMap(([id, variable]) => option('secret', `id=${id},env=${variable}`)),
    ...cacheFrom.flatMap((cache) => option('cache-from', cache)),
    ...cacheTo.flatMap((cache) => option('cache-to', cache)),
    '-',
  ];
}

/** What an image of ours is called where it is built to. */
function nameIn(output: BuildxOutput, image: string): string {
  return output.kind === 'engine' ? image : `${output.prefix}/${image}`;
}

/** A shared base image is named as in the engine: elsewhere a build must be told where it is. */
function baseContext(output: BuildxOutput, base: string): readonly string[] {
  if (output.kind === 'engine') return [];
  return option('build-context', `${base}=docker-image://${nameIn(output, base)}`);
}

/** In one word, so that no value is taken for an option. */
function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function entries(record: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}
