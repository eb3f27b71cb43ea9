import { z } from 'zod';

import { filePath, list, object, projectFolder, text, wanted, wholeNumber } from './schema-parts.ts';

const buildArguments = z
  .record(
    text(/^[A-Za-z_]\w*$/, 'a name of letters, digits and underscores'),
    z.string(wanted('a string in quotes')),
    wanted('an object with a key for each build argument'),
  )
  .default({});

/** Relative to the registry file; `central:<name>` is `<name>/Dockerfile` in the folder that `dockerfiles` names. */
const dockerfile = filePath('the path of a Dockerfile, or central:<name>', 'dockerfile');

/** How the image of a service is built, for environments that run containers. */
export const imageSchema = object({
  dockerfile,
  /** Folder that the build sees, relative to the registry file; the service's `context` by default. */
  context: projectFolder().optional(),
  /** The stage to build; the last one by default. */
  target: text(/^\S+$/, 'the name of a stage of the Dockerfile').optional(),
  /** Nothing secret: they can be read from the image. */
  args: buildArguments,
  /** Whom its containers run as and their secrets belong to, by numbers: `1000:1000`. */
  user: text(/^\d{1,10}:\d{1,10}$/, 'the numbers of a user and a group, such as "1000:1000"').optional(),
  /** Several at once need `images.buildx`. */
  platforms: list(text(/^[a-z0-9]+\/[a-z0-9/]+$/, 'a platform such as "linux/amd64"'), 'a list of platforms').default([
    'linux/amd64',
  ]),
});

/** An image that several Dockerfiles start from, as `<project>-<name>`; built once. */
export const baseSchema = object({
  dockerfile,
  /** Folder that the build sees, relative to the registry file. */
  context: projectFolder(),
  /** The stage to build; the last one by default. */
  target: text(/^\S+$/, 'the name of a stage of the Dockerfile').optional(),
  /** Nothing secret: they can be read from the image. */
  args: buildArguments,
});

const buildxSchema = object({
  /** Variables of whoever builds, for `RUN --mount=type=secret,id=<name>`. */
  secrets: list(text(/^[A-Za-z_]\w*$/, 'the name of a variable'), 'a list of names of variables').default([]),
  /** `type=registry,ref=…`, as buildx takes it. */
  cacheFrom: list(text(/./, 'where a cache is'), 'a list of places').default([]),
  /** The same, for where layers are kept for the next build. */
  cacheTo: list(text(/./, 'where a cache goes'), 'a list of places').default([]),
  /** How much images say of how they were built; nothing by default. */
  provenance: z.enum(['min', 'max'], wanted('"min" or "max"')).optional(),
  /** Whether images list their packages. */
  sbom: z.boolean(wanted('true or false')).default(false),
});

const severities = ['negligible', 'low', 'medium', 'high', 'critical'] as const;

const allowanceSchema = object({
  /** `CVE-2026-1234` */
  id: text(/./, 'the id of a vulnerability'),
  /** Only in this package; in any by default. */
  package: text(/./, 'the name of a package').optional(),
  /** Why it is accepted; told with each release. */
  reason: text(/\S/, 'why the vulnerability is accepted'),
  /** The last day, `2026-12-31`. */
  until: z.iso.date(wanted('a day such as "2026-12-31"')),
});

const scanSchema = object({
  /** `trivy` runs where images are built; `ecr` is Amazon's own, of images in ECR. */
  scanner: z.enum(['trivy', 'ecr'], wanted('"trivy" or "ecr"')),
  /** Findings from this severity on refuse an image. */
  failOn: z.enum(severities, wanted(`one of ${severities.join(', ')}`)).default('critical'),
  /** Whether a finding counts that no version mends yet. */
  ignoreUnfixed: z.boolean(wanted('true or false')).default(false),
  /** Vulnerabilities that are accepted for a while. */
  allow: list(allowanceSchema, 'a list of accepted vulnerabilities').default([]),
});

/** Where the images of an environment are built and kept. */
export const environmentImagesSchema = object({
  /** Address of the Docker Engine; `DOCKER_HOST` or this machine's own by default. */
  engine: text(/^(?:unix:\/\/\/|tcp:\/\/)\S+$/, 'the address of a Docker Engine, unix:///… or tcp://…').optional(),
  /** `https://registry.example.com/team`; left out, images stay in the engine and cannot move to another machine. */
  repository: text(
    /^https?:\/\/[^\s/@?#]+(?:\/[^\s@?#]+)?$/,
    'an address such as https://registry.example.com/team, without a login',
  ).optional(),
  /** A certificate to trust besides the system's, in PEM, relative to the registry file. */
  ca: filePath('the path of a certificate').optional(),
  /** Whether a working tree that is no commit may be built; by default in an environment named development only. */
  allowDirty: z.boolean(wanted('true or false')).optional(),
  /** Builds with `docker buildx`: for several platforms, build secrets, caches elsewhere, attestations. */
  buildx: buildxSchema.optional(),
  /** Judges every image before anything of a release starts; none is judged by default. */
  scan: scanSchema.optional(),
});

/** How much is kept of an environment besides what runs. */
export const retentionSchema = object({
  /** So many releases are remembered, and can be returned to; 10 by default. */
  releases: wholeNumber(10, 1_000, 'a whole number from 10 to 1000').optional(),
  /** So many of each service's newest images stay whatever they are used for; 10 by default. */
  images: wholeNumber(1, 1_000, 'a whole number from 1 to 1000').optional(),
});
