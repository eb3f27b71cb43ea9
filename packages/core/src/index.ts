export { type Clock, isoTime } from './clock.ts';
export { type DeadlineOptions, withDeadline } from './deadline.ts';
export {
  createFileDurably,
  type DurableFileOptions,
  replaceSymlink,
  syncFolder,
  writeFileDurably,
} from './durable-file.ts';
export { createEmitter, type EmitterOptions, type Observer, type Timed } from './events.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export {
  type ErrorReport,
  isMaestroError,
  type JsonValue,
  MaestroError,
  type MaestroErrorOptions,
  messageOf,
  reportError,
} from './maestro-error.ts';
export { poll, type PollOptions, type PollOutcome } from './polling.ts';
export { processIdentity } from './process-identity.ts';
export { Redacted } from './redacted.ts';
export { systemClock } from './system-clock.ts';
