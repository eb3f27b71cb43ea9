export { ManualClock } from './testing/manual-clock.ts';
export { type RecordedLine, RecordingLogger } from './testing/recording-logger.ts';
export { type ContractCase } from './testing/contract-case.ts';
