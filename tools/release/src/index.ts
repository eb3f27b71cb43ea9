export {
  type LocalNpmRepository,
  type LocalNpmRepositoryOptions,
  openLocalNpmRepository,
} from './local-npm-repository.ts';
export { type PackedPackage, packPackages, type PackPackagesOptions } from './pack-packages.ts';
export { copyTree, type CopyTreeOptions, type TreeCopy } from './tree-copy.ts';
