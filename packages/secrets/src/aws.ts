export { awsIdentity, type AwsIdentity, type AwsIdentityOptions } from './adapters/aws/aws-identity.ts';
export { awsStore, type AwsStoreOptions } from './adapters/aws/aws-store.ts';
export {
  leastPrivilegePolicy,
  type LeastPrivilegePolicyOptions,
  type PolicyDocument,
  type PolicyStatement,
  type PolicyUse,
} from './policy/least-privilege-policy.ts';
