import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isoTime, systemClock } from '@maestro/core';

import { sha256 } from './archive-cache.ts';
import type { ImageConfig } from './recipes.ts';
import { runProgram, type RunOptions } from './run-program.ts';

/** Devices and mounted file systems are the engine's to provide; an engine without root cannot even unpack a device. */
const excluded = ['./dev/*', './proc/*', './sys/*'].map((pattern) => `--exclude=${pattern}`);

/**
 * Packs a root file system as an archive for `docker load`, which unlike `docker import` checks the layer against its
 * digest, and in every version takes a stop signal.
 */
export async function packImage(
  { root, config, folder }: { readonly root: string; readonly config: ImageConfig; readonly folder: string },
  options: RunOptions,
): Promise<string> {
  const layer = join(folder, 'layer.tar');
  await pack(root, layer, [...excluded, '.'], options);
  const image = describeImage(config, { layerDigest: await sha256(layer), created: isoTime(systemClock) });
  await writeFile(join(folder, 'config.json'), JSON.stringify(image));
  // Without a name, so that the engine gets one only once it has loaded everything.
  const manifest = [{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(folder, 'image.tar');
  await pack(folder, archive, ['manifest.json', 'config.json', 'layer.tar'], options);
  return archive;
}

export async function pack(
  folder: string,
  archive: string,
  members: readonly string[],
  options: RunOptions,
): Promise<void> {
  await runProgram(['tar', '--create', '--file', archive, '--numeric-owner', '-C', folder, ...members], options);
}

/** The image configuration of https://github.com/opencontainers/image-spec/blob/main/config.md, with one layer. */
function describeImage(
  config: ImageConfig,
  { layerDigest, created }: { readonly layerDigest: string; readonly created: string },
) {
  return {
    architecture: 'amd64',
    os: 'linux',
    created,
    config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerDigest}`] },
    history: [{ created, created_by: 'debootstrap' }],
  };
}
