import { ImageStoreError } from '../../errors.ts';
import { registryAddress } from '../oci/addresses.ts';

/** What the host of a registry of AWS says. */
export interface EcrRegistry {
  /** The account that has it, twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Whether requests go to endpoints with validated cryptography, https://aws.amazon.com/compliance/fips/. */
  readonly fips: boolean;
  /** Whether it is reached over IPv6 too. */
  readonly dualStack: boolean;
}

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html and ecr-requests.html, China and sovereign
// partitions too.
const hostGrammar = new RegExp(
  '^(?<account>\\d{12})\\.dkr(?:\\.ecr|(?<dual>-ecr))(?<fips>-fips)?\\.(?<region>[a-z0-9-]+)\\.' +
    '(?:amazonaws\\.(?:com(?:\\.cn)?|eu)|on\\.(?:aws|amazonwebservices\\.com\\.cn))$',
);

/** Undefined for the host of any other registry. */
export function ecrRegistryOf(host: string): EcrRegistry | undefined {
  const { account, region, fips, dual } = hostGrammar.exec(host)?.groups ?? {};
  if (account === undefined || region === undefined) return undefined;
  return { account, region, fips: fips !== undefined, dualStack: dual !== undefined };
}

/** Whether a registry is a private one of Amazon ECR: `123456789012.dkr.ecr.eu-central-1.amazonaws.com`. */
export function isEcrRegistry(host: string): boolean {
  return ecrRegistryOf(host) !== undefined;
}

/** Throws `IMAGE_STORE_INVALID_REGISTRY`. */
export function ecrRegistryAt(address: string): EcrRegistry {
  const { host } = registryAddress(address);
  const registry = ecrRegistryOf(host);
  if (registry !== undefined) return registry;
  throw new ImageStoreError('IMAGE_STORE_INVALID_REGISTRY', `${host} is no registry of Amazon ECR`, {
    hint: 'expected https://<account>.dkr.ecr.<region>.amazonaws.com; aws ecr describe-repositories shows it',
    details: { registry: host },
  });
}
