import { readFile } from 'node:fs/promises';

import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { it } from 'vitest';

import { openOciImageContent } from '../../src/oci.ts';
import { imageContentContract } from '../../src/testing.ts';
import { newNamespace } from './registry-images.ts';

describeWith('the contents of images in an open registry', ['image-repository'], (parts) => {
  const create = () => {
    const { address, prefix } = parts()['image-repository'];
    return Promise.resolve(openOciImageContent({ registry: address, namespace: newNamespace(prefix) }));
  };
  for (const { name, run } of imageContentContract(create)) it(name, run);
});

describeWith('the contents of images behind TLS and a password', ['secured-image-repository'], (parts) => {
  const create = async () => {
    const { address, prefix, username, password, ca } = parts()['secured-image-repository'];
    const credentials = () => Promise.resolve({ username, password: new Redacted(password) });
    const certificate = ca === undefined ? undefined : await readFile(ca, 'utf8');
    return openOciImageContent({ registry: address, namespace: newNamespace(prefix), credentials, ca: certificate });
  };
  for (const { name, run } of imageContentContract(create)) it(name, run);
});
