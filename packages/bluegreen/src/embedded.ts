export { type EmbeddedEnvironment, type EmbeddedOptions, openEmbedded } from './adapters/embedded/embedded.ts';
