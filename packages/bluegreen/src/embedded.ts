export { baseVariables } from './adapters/embedded/base-variables.ts';
export { type EmbeddedEnvironment, type EmbeddedOptions, openEmbedded } from './adapters/embedded/embedded.ts';
export { type LiveFacts, observeLive } from './adapters/files/observe-live.ts';
