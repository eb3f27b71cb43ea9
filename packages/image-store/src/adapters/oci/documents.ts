import { z } from 'zod';

import type { ImageBlob } from '../../image/blob.ts';
import { mediaTypes } from '../../image/oci.ts';

/** Docker's own names of what became https://github.com/opencontainers/image-spec. */
const docker = {
  config: 'application/vnd.docker.container.image.v1+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
};

/** Without them a registry says that there is no image. */
export const documentTypes = [mediaTypes.manifest, mediaTypes.index, docker.manifest, docker.index];

const indexTypes = [mediaTypes.index, docker.index];
const configTypes = [mediaTypes.config, docker.config];
export const gzipTypes = [`${mediaTypes.layer}+gzip`, docker.layer];

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
});
const texts = z.record(z.string(), z.string()).nullish();

const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  // Signatures, charts and other artifacts have the form of an image; what they hold is none.
  config: descriptor.extend({ mediaType: z.enum(configTypes) }),
  layers: z.array(descriptor).readonly(),
  annotations: texts,
});

const indexSchema = z.object({
  schemaVersion: z.literal(2),
  manifests: z
    .array(descriptor.extend({ platform: z.object({ architecture: z.string(), os: z.string() }).optional() }))
    .readonly(),
});

const configSchema = z.object({
  created: z.string().nullish(),
  config: z.object({ Labels: texts }).nullish(),
});

/** An image of any tool. */
export type ImageManifest = z.infer<typeof manifestSchema>;
export type ImageConfig = z.infer<typeof configSchema>;

/** Undefined for what is no image. */
export function readManifest({ contents }: Pick<ImageBlob, 'contents'>): ImageManifest | undefined {
  return manifestSchema.safeParse(jsonOf(contents)).data;
}

/** The digest of the image for one platform out of several, linux/amd64 where it is there; undefined for no index. */
export function readIndex({ mediaType, contents }: ImageBlob): string | undefined {
  if (!indexTypes.includes(mediaType)) return undefined;
  const manifests = indexSchema.safeParse(jsonOf(contents)).data?.manifests ?? [];
  const usual = manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64');
  // BuildKit describes how an image was built in a manifest for the platform "unknown".
  return (usual ?? manifests.find(({ platform }) => platform?.os !== 'unknown'))?.digest;
}

export function readConfig(contents: Uint8Array): ImageConfig {
  return configSchema.safeParse(jsonOf(contents)).data ?? {};
}

function jsonOf(contents: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(contents).toString('utf8'));
  } catch {
    return undefined;
  }
}
