/** More digits than a machine repeats, and fewer than a diff is readable with. */
const digits = 5;

/** Results as they are kept under version control: a line for each value, and one for each list of numbers. */
export function resultsText(results: object): string {
  const text = JSON.stringify(results, (_, value: unknown) => (isFraction(value) ? rounded(value) : value), 2);
  const lists = /\[(?<numbers>(?:\s+-?[\d.e+-]+,?)+)\s+\]/g;
  return `${text.replace(lists, (list) => list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;
}

function isFraction(value: unknown): value is number {
  return typeof value === 'number' && !Number.isInteger(value);
}

function rounded(value: number): number {
  return Number(Math.abs(value) >= 10 ** digits ? value.toFixed(0) : value.toPrecision(digits));
}
