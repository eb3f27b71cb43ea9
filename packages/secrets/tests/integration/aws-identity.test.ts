import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { awsIdentity } from '../../src/aws.ts';
import { answering, AwsFront, cutting } from './aws-front.ts';

const region = 'eu-central-1';

describeWith('who asks AWS', ['aws'], (parts) => {
  let front: AwsFront;
  beforeEach(async () => {
    const { endpoint, credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    front = await AwsFront.open(endpoint);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await front[Symbol.asyncDispose]();
  });
  const ask = () => awsIdentity({ region, endpoint: front.endpoint });

  it('is told by its token service, with its time', async () => {
    const identity = await ask();
    expect(identity.account).toMatch(/^\d{12}$/);
    expect(identity.arn).toMatch(/^arn:aws:/);
    expect(Math.abs(identity.clockOffsetMs ?? Infinity)).toBeLessThan(60_000);
    expect(front.asked).toMatchObject([{ region, body: 'Action=GetCallerIdentity&Version=2011-06-15' }]);
  });

  const unknown = '<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>';
  it.each([
    ['nobody it knows', answering(403, unknown), 'SECRETS_CREDENTIALS', /\(InvalidClientTokenId\)$/],
    ['an answer that says nothing', answering(200, '<html>'), 'SECRETS_CREDENTIALS', /\(status 200\)$/],
    ['a fault of its own', answering(503, ''), 'SECRETS_UNAVAILABLE', /answered with 503$/],
    ['a connection that breaks', cutting, 'SECRETS_UNAVAILABLE', /cannot be reached$/],
  ] as const)('is not told by %s', async (_, react, code, message) => {
    front.react = react;
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
