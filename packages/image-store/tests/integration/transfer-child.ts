import { readFile } from 'node:fs/promises';

import { Redacted } from '@maestro/core';

import { saveRelease } from '../../src/embedded.ts';
import { copyImage, type ReleaseRecord } from '../../src/index.ts';
import { openOciImageContent } from '../../src/oci.ts';

/** A registry as a process of its own is told of it. */
export interface RegistryPlace {
  readonly registry: string;
  readonly namespace: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A file. */
  readonly ca?: string | undefined;
}

export type TransferTask =
  | { readonly copy: { readonly digest: string; readonly tags: readonly string[] }; readonly to: RegistryPlace }
  | { readonly save: { readonly release: ReleaseRecord; readonly folder: string } };

async function open({ registry, namespace, username, password, ca }: RegistryPlace) {
  const login = username === undefined ? undefined : { username, password: new Redacted(password ?? '') };
  return openOciImageContent({
    registry,
    namespace,
    credentials: () => Promise.resolve(login),
    ca: ca === undefined ? undefined : await readFile(ca, 'utf8'),
  });
}

// A copier for the tests, which may be killed; it says how much memory it took, in bytes.
const { from, ...task } = JSON.parse(process.env.TRANSFER_TASK ?? '') as TransferTask & {
  readonly from: RegistryPlace;
};
const source = await open(from);
const before = process.memoryUsage.rss();
if ('copy' in task) await copyImage({ from: source, to: await open(task.to), repository: 'shop-api', ...task.copy });
else await saveRelease({ from: source, ...task.save });
const most = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ before, most }));
