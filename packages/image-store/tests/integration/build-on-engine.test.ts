import { join } from 'node:path';

import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDockerEngine } from '../../src/docker.ts';
import { buildImages, findByInput, type ImageRecipe } from '../../src/index.ts';
import { EngineFront, forward } from './engine-front.ts';
import { gitRepository } from './git-fixture.ts';
import { newNamespace } from './registry-images.ts';

// Making the base image takes a minute where nobody has done so before.
const baseImageMs = 5 * 60_000;

describeWith('images of services, built in a Docker Engine', ['docker'], (parts) => {
  let node: string;
  beforeAll(async () => {
    node = (await ensureBaseImage({ engine: parts().docker.engine, name: 'node' })).reference;
  }, baseImageMs);

  describe.each(['BuildKit', 'the classic builder'])('by %s', (kind) => {
    let front: EngineFront;
    beforeAll(async () => {
      const { engine } = parts().docker;
      front = await EngineFront.open(engine);
      if (kind === 'BuildKit') return;
      front.put(/ \/_ping/, (incoming, response) => {
        forward(engine, incoming, response, (headers) => ({ ...headers, 'builder-version': '1' }));
      });
    });
    afterAll(() => front[Symbol.asyncDispose]());

    /** A service on a shared base image, whose build fails unless it finds `text` in that one and in its context. */
    const shop = (text: string, project = newNamespace(parts().docker.suite)) => {
      const { root, write, commit } = gitRepository();
      const expected = (path: string) => `RUN grep --quiet --line-regexp '${project} ${text}' ${path}\n`;
      write('docker/base.Dockerfile', `FROM ${node}\nCOPY text /base/\n${expected('/base/text')}`);
      write(
        'docker/api.Dockerfile',
        `FROM ${project}-base:latest\nCOPY . /srv/\n${expected('/base/text')}${expected('/srv/text')}`,
      );
      write('base/text', `${project} ${text}\n`);
      write('api/text', `${project} ${text}\n`);
      write('api/ignored', text);
      write('docker/api.Dockerfile.dockerignore', 'ignored\n');
      commit();
      const recipe = (name: string): ImageRecipe => ({
        name,
        context: join(root, name),
        dockerfile: join(root, `docker/${name}.Dockerfile`),
        labels: parts().docker.labels,
      });
      const { builder, store } = openDockerEngine({ engine: front.address });
      const run = () =>
        buildImages({
          project,
          environment: 'production',
          services: [recipe('api')],
          bases: [recipe('base')],
          builder,
          find: findByInput({ engine: store }),
          allowDirty: false,
        });
      return { project, store, write, commit, run };
    };

    it('start from their shared base image, and are found the next time', async () => {
      const { project, store, run, write, commit } = shop('one');
      const [api] = await run();
      expect(api).toMatchObject({ service: 'api', built: true });
      const [held] = await store.list({ repository: `${project}-api` });
      expect(held).toMatchObject({ inputHash: api?.inputHash, revision: api?.revision });
      expect(held?.tags).toContain(api?.tag);
      expect(await run()).toMatchObject([{ built: false, digest: held?.digest }]);
      write('elsewhere', 'a commit that changes nothing of it');
      commit();
      expect(await run()).toMatchObject([{ built: false, revision: api?.revision }]);
    });

    it('start from their own one while another run builds another one of the same name', async () => {
      const first = shop('one');
      const second = shop('two', first.project);
      const [[one], [two]] = await Promise.all([first.run(), second.run()]);
      expect(one).toMatchObject({ built: true });
      expect(two).toMatchObject({ built: true });
      expect(one?.inputHash).not.toBe(two?.inputHash);
    });

    it('end with the name of the service whose build fails', async () => {
      const { run, write, commit } = shop('one');
      write('api/text', 'something else\n');
      commit();
      const building = run();
      await expect(building).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_BUILD_FAILED'));
      await expect(building).rejects.toMatchObject({ details: { service: 'api' } });
    });
  });
});
