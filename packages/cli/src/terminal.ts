import pc from 'picocolors';

/** Where text goes, such as `process.stdout`. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Where answers come from, such as `process.stdin`. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

export type Colors = ReturnType<typeof pc.createColors>;

/** Whether the stream is a terminal that can move its cursor and show colours. */
export function isTerminal(stream: OutputStream, variables: Variables): boolean {
  return stream.isTTY === true && variables.TERM !== 'dumb';
}

/** Colours for a stream, or functions that change nothing where it shows none or nobody wants them. */
export function colorsFor(stream: OutputStream, variables: Variables, wanted: boolean): Colors {
  const refused = (variables.NO_COLOR ?? '') !== '';
  return pc.createColors(wanted && !refused && isTerminal(stream, variables));
}
