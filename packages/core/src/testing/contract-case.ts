/**
 * One promise a port makes, checked with `node:assert` so that any test runner can run it:
 * `for (const { name, run } of secretStoreContract(…)) it(name, run)`.
 */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}
