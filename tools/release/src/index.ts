export {
  type LocalNpmRepository,
  type LocalNpmRepositoryOptions,
  openLocalNpmRepository,
} from './local-npm-repository.ts';
export { type PackedPackage, packPackages, type PackPackagesOptions } from './pack-packages.ts';
