import { StringDecoder } from 'node:string_decoder';

import { z } from 'zod';

// https://github.com/moby/buildkit/blob/master/client/graph.go
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const statusSchema = z.object({
  vertexes: list(
    z.object({
      digest: z.string(),
      name: z.string().default(''),
      started: z.string().optional(),
      completed: z.string().optional(),
      cached: z.boolean().default(false),
      error: z.string().default(''),
    }),
  ),
  logs: list(z.object({ vertex: z.string().default(''), stream: z.number().default(0), data: z.base64() })),
  warnings: list(z.object({ short: z.base64().default('') })),
});

/** Makes lines for people of what `--progress=rawjson` prints, an object a line. */
export class SolveStatus {
  /** What was last said of each step. */
  readonly #said = new Map<string, string>();
  readonly #logs = new Map<string, { readonly decoder: StringDecoder; rest: string }>();

  /** The lines that one printed line makes; what is no status object is a line of its own. */
  take(printed: string): readonly string[] {
    const status = parse(printed);
    if (status === undefined) return printed.trim() === '' ? [] : [printed];
    return [
      ...status.vertexes.flatMap((vertex) => this.#step(vertex)),
      ...status.logs.flatMap(({ vertex, stream, data }) => this.#log(`${vertex} ${stream}`, data)),
      ...status.warnings.flatMap(({ short }) => [`warning: ${Buffer.from(short, 'base64').toString('utf8')}`]),
    ];
  }

  /** What the steps printed without ending the line. */
  end(): readonly string[] {
    const rests = [...this.#logs.values()].map(({ decoder, rest }) => rest + decoder.end());
    this.#logs.clear();
    return rests.filter((rest) => rest !== '');
  }

  #step({ digest, name, started, completed, cached, error }: z.infer<typeof statusSchema>['vertexes'][number]) {
    if (started === undefined && error === '') return [];
    const suffix = error !== '' ? `: ${error}` : cached && completed !== undefined ? ' (cached)' : '';
    const line = name + suffix;
    // Steps are told of again and again, and in the end that they are done.
    const known = this.#said.get(digest);
    this.#said.set(digest, line);
    return known === line || (known !== undefined && suffix === '') ? [] : [line];
  }

  #log(key: string, data: string): readonly string[] {
    const log = this.#logs.get(key) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    this.#logs.set(key, log);
    const lines = (log.rest + log.decoder.write(Buffer.from(data, 'base64'))).split(/\r?\n/);
    log.rest = lines.pop() ?? '';
    return lines;
  }
}

function parse(printed: string): z.infer<typeof statusSchema> | undefined {
  try {
    return statusSchema.safeParse(JSON.parse(printed)).data;
  } catch {
    return undefined;
  }
}
