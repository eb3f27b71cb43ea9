import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { ecrRegistryAt, ecrRegistryOf, isEcrRegistry } from './ecr-registry.ts';

describe('a registry of Amazon ECR', () => {
  it.each([
    ['123456789012.dkr.ecr.eu-central-1.amazonaws.com', 'eu-central-1', false, false],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', false, false],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', true, false],
    ['123456789012.dkr-ecr.us-east-1.on.aws', 'us-east-1', false, true],
    ['123456789012.dkr-ecr-fips.us-east-1.on.aws', 'us-east-1', true, true],
    ['123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', false, true],
    ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', false, false],
  ])('is recognised by its host: %s', (host, region, fips, dualStack) => {
    expect(ecrRegistryOf(host)).toEqual({ account: '123456789012', region, fips, dualStack });
    expect(isEcrRegistry(host)).toBe(true);
  });

  it.each([
    'registry-1.docker.io',
    'public.ecr.aws',
    'dkr.ecr.eu-central-1.amazonaws.com',
    '12345.dkr.ecr.eu-central-1.amazonaws.com',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.test',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com:443',
    'evil.test/123456789012.dkr.ecr.eu-central-1.amazonaws.com',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.example',
    '',
  ])('is not any other host: %s', (host) => {
    expect(isEcrRegistry(host)).toBe(false);
  });

  it('is expected where its account and region are needed', () => {
    expect(ecrRegistryAt('https://123456789012.dkr.ecr.eu-central-1.amazonaws.com').region).toBe('eu-central-1');
    expect(() => ecrRegistryAt('https://registry-1.docker.io')).toThrow(
      expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_REGISTRY')) as Error,
    );
  });
});
