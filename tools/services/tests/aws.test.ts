import { aws, type AwsSuite } from '../src/parts/aws.ts';
import { describeWith } from '../src/vitest.ts';
import { sharedPartContract } from './shared-part-contract.ts';

describeWith('AWS', ['aws'], (parts) => {
  sharedPartContract({
    part: aws,
    address: () => parts().aws.endpoint,
    keep: async (suite) => {
      await secretsManager(suite, 'CreateSecret', { Name: 'kept', SecretString: 'value' });
    },
    has: async (suite) => await secretsManager(suite, 'DescribeSecret', { SecretId: 'kept' }).then(() => true),
    dropsData: false,
  });
});

async function secretsManager(suite: AwsSuite, action: string, body: object): Promise<void> {
  const { endpoint, region, credentials } = suite;
  const scope = `${credentials.accessKeyId}/20260101/${region}/secretsmanager/aws4_request`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${action}`,
      'x-amz-security-token': credentials.sessionToken,
      // Read for whose it is, not verified.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${action}: ${await response.text()}`);
}
