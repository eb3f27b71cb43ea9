import type { SqlDialect } from '../../sql/dialect.ts';
import type { ColumnType } from '../operations.ts';

const postgresqlPairs: ReadonlySet<string> = new Set([
  'varchar>varchar',
  'varchar>text',
  'text>text',
  'text>varchar',
  'varbit>varbit',
  'numeric>numeric',
  'timestamp>timestamp',
  'timestamptz>timestamptz',
  'time>time',
  'cidr>inet',
]);

/** Whether every value keeps its bytes and its meaning, so that the table is not rewritten and nobody notices. */
export function isWidening(dialect: SqlDialect, from: ColumnType | undefined, to: ColumnType): boolean {
  if (from?.detail !== to.detail) return false;
  if (from.name === to.name && String(from.modifiers) === String(to.modifiers)) return true;
  return dialect === 'mysql' ? isLongerVarchar(from, to) : dialect === 'postgresql' && isCompatible(from, to);
}

function isCompatible(from: ColumnType, to: ColumnType): boolean {
  if (!postgresqlPairs.has(`${from.name}>${to.name}`)) return false;
  const [size, scale = 0] = from.modifiers;
  const [newSize, newScale = 0] = to.modifiers;
  if (newSize === undefined) return true;
  return size !== undefined && newSize >= size && newScale === scale;
}

/** In utf8mb4 the length of up to 63 characters takes one byte, that of more takes two. */
function isLongerVarchar(from: ColumnType, to: ColumnType): boolean {
  if (from.name !== 'varchar' || to.name !== 'varchar') return false;
  const [size] = from.modifiers;
  const [newSize] = to.modifiers;
  if (size === undefined || newSize === undefined || newSize < size) return false;
  return newSize <= 63 || size > 63;
}
