export type { PartErrorCode } from './errors.ts';
export { installParts } from './install-parts.ts';
export type { SuiteParts } from './open-suite.ts';
export { type PartName, partNames, type SuiteOf } from './parts.ts';
export { useParts, type UsedParts, type UsePartsOptions } from './use-parts.ts';
