export { type BuildxOutput } from './adapters/buildx/build-arguments.ts';
export { type BuildxOptions, openBuildx } from './adapters/buildx/buildx-builder.ts';
