import type { OnlineClause, Operation } from '../operations.ts';
import type { TokenReader } from './token-reader.ts';

/** What a statement does, as far as its words tell; undefined for one that is not known. */
export interface ReadStatement {
  readonly operations: readonly Operation[];
  readonly isDdl: boolean;
  readonly notInTransaction?: string;
  readonly online?: OnlineClause;
}

/** By the words a statement starts with; the reader stands behind them. */
export type StatementReaders = Readonly<Record<string, (reader: TokenReader, at: number) => ReadStatement>>;
