import { ImageStoreError } from '../../errors.ts';
import type { BuildRequest } from '../../ports/image-builder.ts';

type Asked = Omit<BuildRequest, 'context'>;

export function buildFailed(
  { service, repository }: Asked,
  problem: string,
  lastLines: readonly string[],
): ImageStoreError {
  const output = lastLines.length === 0 ? '' : `\n${lastLines.join('\n')}`;
  return new ImageStoreError(
    'IMAGE_STORE_BUILD_FAILED',
    `the image of ${service} could not be built: ${problem}${output}`,
    {
      hint: 'the last lines of its output say which instruction failed; docker buildx ls shows whether the builder runs',
      details: { service, repository, output: [...lastLines] },
    },
  );
}

export function missingPlugin(docker: string, cause?: unknown): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNSUPPORTED_BUILD', `${docker} buildx version does not answer`, {
    hint: 'install Docker with its buildx plugin: apt-get install docker-ce-cli docker-buildx-plugin, or https://docs.docker.com/go/buildx/',
    details: { docker },
    cause,
  });
}

export function noEngineForPlatforms({ service, platform = '' }: Asked): ImageStoreError {
  return new ImageStoreError(
    'IMAGE_STORE_UNSUPPORTED_BUILD',
    `the image of ${service} is to be built for ${platform}, of which an engine keeps one only`,
    { hint: 'build to an image repository, or for one platform', details: { service, platform } },
  );
}

export function inspectFailed(reference: string, lastLines: readonly string[]): ImageStoreError {
  const said = lastLines.length === 0 ? 'docker buildx did not say its digest' : lastLines.join('\n');
  return new ImageStoreError('IMAGE_STORE_PULL_FAILED', `${reference} cannot be found: ${said}`, {
    hint: `docker buildx imagetools inspect ${reference}`,
    details: { reference },
  });
}

export function tookTooLong(what: string, deadlineMs: number): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_BUILD_FAILED', `${what} took docker buildx longer than ${deadlineMs} ms`, {
    hint: 'docker buildx ls shows whether the builder runs',
    details: { deadlineMs },
    retryable: true,
  });
}
