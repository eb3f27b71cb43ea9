import { z } from 'zod';

/** Names and documents of https://github.com/opencontainers/image-spec. */
export const mediaTypes = {
  config: 'application/vnd.oci.image.config.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
};

export const annotation = {
  created: 'org.opencontainers.image.created',
  /** Ours: what the image was made of, whichever commit had it. */
  input: 'maestro.input',
  /** In an index: the tag. */
  refName: 'org.opencontainers.image.ref.name',
  revision: 'org.opencontainers.image.revision',
  source: 'org.opencontainers.image.source',
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
} as const;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const annotations = z.record(z.string(), z.string()).readonly();

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest,
  size: z.int().nonnegative(),
  annotations: annotations.optional(),
});

/** A manifest as this package makes them: one uncompressed layer, and where it comes from. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.tuple([descriptorSchema.extend({ mediaType: z.literal(mediaTypes.layer) })]).readonly(),
  annotations: z.object({
    [annotation.created]: z.iso.datetime(),
    [annotation.input]: digest,
    [annotation.revision]: z.string(),
  }),
});

export const indexSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema).readonly(),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type IndexEntry = z.infer<typeof descriptorSchema>;
