import { stripVTControlCharacters } from 'node:util';

const gap = '  ';

/** Lines of aligned columns, without blanks at their ends; cells may hold colours. */
export function table(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
    return (indent + cells.join(gap)).trimEnd();
  });
}

/** Several tables whose columns line up with one another's. */
export function alignedTables(
  tables: readonly (readonly (readonly string[])[])[],
  indent = '',
): readonly (readonly string[])[] {
  const lines = table(tables.flat(), indent);
  let next = 0;
  return tables.map((rows) => lines.slice(next, (next += rows.length)));
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
