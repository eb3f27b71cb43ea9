import { OrchestratorError } from '../errors.ts';
import type { DefinedImage } from '../release/release-images.ts';

export function imageMissing({ name, image, digest }: DefinedImage): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_IMAGE_MISSING', `the image ${image} (${digest}) is not stored`, {
    hint: 'maestro abort, then deploy the commit again: a rollback or resume never builds',
    details: { service: name, image, digest },
  });
}

export function noScanner(environment: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NO_SCANNER', `${environment} names nobody who judges its images`, {
    hint: `add images.scan to environments.${environment} of the configuration, such as { scanner: 'trivy' }`,
    details: { environment },
  });
}

export function noImageRepository(environment: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_NO_IMAGE_REPOSITORY',
    `${environment} has no image repository: its images stay on this machine`,
    {
      hint: `add images.repository to environments.${environment} of the configuration, or carry them: maestro images save <file> -e ${environment}`,
      details: { environment },
    },
  );
}

export function unreadableCertificate(path: string, reason: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_UNREADABLE_CERTIFICATE',
    `the certificate of the image repository cannot be read: ${reason}`,
    { hint: `correct images.ca of the environment in the configuration, or put it at ${path}`, details: { path } },
  );
}

export function unknownRelease(environment: string, release: string | undefined): OrchestratorError {
  const message =
    release === undefined
      ? `no release of ${environment} is remembered yet`
      : `no release ${release} of ${environment} is remembered`;
  return new OrchestratorError('ORCHESTRATOR_UNKNOWN_RELEASE', message, {
    hint: `maestro images history -e ${environment}`,
    details: { environment, ...(release === undefined ? {} : { release }) },
  });
}

export function sourcesChanged(services: readonly string[]): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_PLAN_CHANGED',
    `the files of ${services.join(', ')} were changed while their images were built`,
    { hint: 'commit, and deploy again; or name the commit: --ref HEAD', details: { services } },
  );
}
