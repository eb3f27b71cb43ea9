/** A chart as text that GitHub and other readers of Markdown draw by Mermaid. */
export interface BarChart {
  readonly title: string;
  /** What the numbers are. */
  readonly axis: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

export interface LineChart {
  readonly title: string;
  readonly x: { readonly axis: string; readonly from: number; readonly to: number };
  readonly axis: string;
  /** Each as long as the others: its points are spread evenly from `x.from` to `x.to`. */
  readonly lines: readonly (readonly number[])[];
}

/** Horizontal bars, which leave room for names. */
export function barChart({ title, axis, bars }: BarChart): string {
  const names = bars.map(({ name }) => quoted(name));
  const values = bars.map(({ value }) => value);
  const { to } = rangeOf([0, ...values]);
  return fenced({ width: 1000, height: 60 + 34 * bars.length }, [
    'xychart-beta horizontal',
    `  title ${quoted(title)}`,
    `  x-axis [${names.join(', ')}]`,
    `  y-axis ${quoted(axis)} 0 --> ${limit(to)}`,
    `  bar [${values.map(number).join(', ')}]`,
  ]);
}

export function lineChart({ title, x, axis, lines }: LineChart): string {
  const { from, to } = rangeOf(lines.flat());
  return fenced({ width: 800, height: 280 }, [
    'xychart-beta',
    `  title ${quoted(title)}`,
    `  x-axis ${quoted(x.axis)} ${number(x.from)} --> ${number(x.to)}`,
    `  y-axis ${quoted(axis)} ${limit(from)} --> ${limit(to)}`,
    ...lines.map((points) => `  line [${points.map(number).join(', ')}]`),
  ]);
}

/** Round numbers around all values; from 0 on where that does not press them together. */
export function rangeOf(values: readonly number[]): { readonly from: number; readonly to: number } {
  const min = Math.min(...values);
  const max = Math.max(...values);
  const step = stepOf(min >= 0 && min < max / 2 ? max : max - min || Math.abs(max) || 1);
  const from = min >= 0 && min < max / 2 ? 0 : Math.floor(min / step) * step;
  const to = Math.ceil(max / step) * step;
  return { from, to: to > from ? to : from + step };
}

/** What is said with nine digits after the point. */
const smallestSpan = 1e-8;

/** A tenth of a span or less, as 1, 2 or 5 with zeros. */
function stepOf(span: number): number {
  const tenth = Math.max(span, smallestSpan) / 10;
  const power = 10 ** Math.floor(Math.log10(tenth));
  const digit = [5, 2, 1].find((step) => step * power <= tenth) ?? 1;
  return digit * power;
}

function fenced({ width, height }: { readonly width: number; readonly height: number }, lines: readonly string[]) {
  const size = ['---', 'config:', '  xyChart:', `    width: ${width}`, `    height: ${height}`, '---'];
  return ['```mermaid', ...size, ...lines, '```'].join('\n');
}

/** Mermaid has no way to say a quotation mark inside of quotation marks. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', "'")}"`;
}

/** With as many digits as can be seen. */
function number(value: number): string {
  return withoutExponent(Number(value.toPrecision(4)));
}

/** Of an axis, whose ends must not become the same. */
function limit(value: number): string {
  return withoutExponent(Number(value.toPrecision(15)));
}

/** Mermaid reads no exponents. */
function withoutExponent(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(9) : text;
}
