import { z } from 'zod';

import type { Descriptor, ImageBlob } from './blob.ts';
import { mediaTypes } from './oci.ts';

/** Docker's own names of what became https://github.com/opencontainers/image-spec. */
const docker = {
  config: 'application/vnd.docker.container.image.v1+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
};

/** Without them a registry says that there is no image. */
export const documentTypes = [mediaTypes.manifest, mediaTypes.index, docker.manifest, docker.index];

/** Layers whose makers let nobody else hand them on: they stay where they are, and whoever needs them fetches them there. */
const foreignTypes = [
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
];

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

/** An image, or whatever else has the form of one. */
const artifactSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor).readonly(),
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

/** What a document refers to. */
export interface DocumentParts {
  /** Those of an index. */
  readonly documents: readonly Descriptor[];
  /** Configuration and layers, without the foreign ones. */
  readonly blobs: readonly Descriptor[];
}

/** Undefined for what is neither a manifest nor an index. */
export function partsOf({ mediaType, contents }: ImageBlob): DocumentParts | undefined {
  if (indexTypes.includes(mediaType)) {
    const index = indexSchema.safeParse(jsonOf(contents)).data;
    return index && { documents: index.manifests, blobs: [] };
  }
  if (!documentTypes.includes(mediaType)) return undefined;
  const manifest = artifactSchema.safeParse(jsonOf(contents)).data;
  if (manifest === undefined) return undefined;
  const layers = manifest.layers.filter((layer) => !isForeign(layer));
  return { documents: [], blobs: [manifest.config, ...layers] };
}

export function isForeign({ mediaType }: Pick<Descriptor, 'mediaType'>): boolean {
  return foreignTypes.includes(mediaType);
}

/** What a document that lies somewhere without its type is; undefined for what is no document. */
export function documentTypeOf(contents: Uint8Array): string | undefined {
  const document = jsonOf(contents);
  const said = z.object({ mediaType: z.enum(documentTypes) }).safeParse(document).data?.mediaType;
  // Images of the specification's first years do not say it.
  if (said !== undefined) return said;
  if (indexSchema.safeParse(document).success) return mediaTypes.index;
  return artifactSchema.safeParse(document).success ? mediaTypes.manifest : undefined;
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
