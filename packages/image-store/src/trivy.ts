export { openTrivy, type TrivyOptions } from './adapters/trivy/trivy-vulnerability-scanner.ts';
