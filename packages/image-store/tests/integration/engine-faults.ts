import type { ServerResponse } from 'node:http';

import type { EngineReaction } from './engine-front.ts';

/** An answer in the middle of which something goes wrong; `lines` are those of a success, the last one says so. */
export interface EngineFaultCase {
  readonly name: string;
  readonly answer: (lines: readonly string[]) => EngineReaction;
  /** Whether the engine did not get to say how it ended: it may be tried again. */
  readonly broken: boolean;
  /** What the error tells of it. */
  readonly tells?: RegExp;
  /** Nothing comes any more. */
  readonly silent?: true;
  /** No answer has begun. */
  readonly unreachable?: true;
}

const text = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('');
const json = { 'content-type': 'application/json' };

/** The engine's failures are told in an answer that begins with 200. */
export function ok(response: ServerResponse): ServerResponse {
  return response.writeHead(200, json);
}

/** The body is taken in first, as the engine does: what comes then is an answer. */
export function answering(answer: (response: ServerResponse) => void): EngineReaction {
  return (incoming, response) => {
    incoming.resume().on('end', () => {
      answer(response);
    });
  };
}

function saying(change: (lines: readonly string[]) => string | Buffer) {
  return (lines: readonly string[]) => answering((response) => ok(response).end(change(lines)));
}

function refusing(status: number, body: string) {
  return () => answering((response) => response.writeHead(status, json).end(body));
}

/** Sends these bytes, each chunk by itself, and then does this. */
function sending(
  chunks: (lines: readonly string[]) => readonly (string | Buffer)[],
  then: (response: ServerResponse) => void,
) {
  return (lines: readonly string[]) =>
    answering((response) => {
      ok(response);
      void (async () => {
        for (const chunk of chunks(lines)) {
          await new Promise<void>((resolve) => {
            response.write(chunk, () => setImmediate(resolve));
          });
        }
        then(response);
      })();
    });
}

const reset = (response: ServerResponse) => response.destroy();
const end = (response: ServerResponse) => response.end();
const lastOf = (lines: readonly string[]) => lines.at(-1) ?? '';
const withoutLast = (lines: readonly string[]) => lines.slice(0, -1);
const half = (line: string) => line.slice(0, line.length / 2);
const detail = (message: string) => JSON.stringify({ errorDetail: { message }, error: message });
const euro = Buffer.from(text([detail('no € left on the device')]));

/** What can go wrong with every answer that is a stream of events. */
export const streamFaults: readonly EngineFaultCase[] = [
  {
    name: 'ends in the middle of the last event',
    answer: saying((lines) => text(withoutLast(lines)) + half(lastOf(lines))),
    broken: true,
  },
  {
    name: 'is cut in the middle of an event',
    answer: sending((lines) => [text(withoutLast(lines)), half(lastOf(lines))], reset),
    broken: true,
    tells: /broke off/,
  },
  { name: 'ends between two events', answer: saying((lines) => text(withoutLast(lines))), broken: true },
  {
    name: 'is cut between two events',
    answer: sending((lines) => [text(withoutLast(lines))], reset),
    broken: true,
    tells: /broke off/,
  },
  { name: 'is cut right after the last event', answer: sending((lines) => [text(lines)], reset), broken: true },
  {
    name: 'has a line that is no JSON',
    answer: saying((lines) => text(['{"stream":', ...lines])),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'has a list for an event',
    answer: saying((lines) => text(['[]', ...lines])),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'has null for an event',
    answer: saying((lines) => text(['null', ...lines])),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'has a number for a text',
    answer: saying((lines) => text(['{"status":5}', ...lines])),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'has an error late',
    answer: saying((lines) => text([...withoutLast(lines), detail('the disk is full')])),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'has an error after it said that all is done',
    answer: saying((lines) => text([...lines, detail('the disk is full')])),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'has an error before it says that all is done',
    answer: saying((lines) => text([detail('the disk is full'), ...lines])),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'has an error without details',
    answer: saying((lines) => text(['{"error":"the disk is full"}', ...lines])),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'has the details of an error only',
    answer: saying((lines) => text(['{"errorDetail":{"code":1,"message":"the disk is full"}}', ...lines])),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'has an error that says nothing',
    answer: saying((lines) => text(['{"error":""}', ...lines])),
    broken: false,
    tells: /no reason/,
  },
  {
    name: 'has details that say nothing',
    answer: saying((lines) => text(['{"errorDetail":{}}', ...lines])),
    broken: false,
    tells: /no reason/,
  },
  {
    name: 'has an error cut within a character',
    answer: sending(() => [euro.subarray(0, euro.indexOf('€') + 1), euro.subarray(euro.indexOf('€') + 1)], end),
    broken: false,
    tells: /no € left/,
  },
  {
    name: 'has an error without an end of the line',
    answer: saying((lines) => text(withoutLast(lines)) + detail('the disk is full')),
    broken: false,
    tells: /the disk is full/,
  },
  { name: 'is empty', answer: saying(() => ''), broken: true },
  { name: 'is one of blank lines', answer: saying(() => '\r\n\r\n'), broken: true },
  {
    name: 'is a page for people',
    answer: saying(() => '<html><body>Bad Gateway</body></html>'),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'goes on with something else after the last event',
    answer: saying((lines) => `${text(lines)}<html>`),
    broken: true,
    tells: /expected an event/,
  },
  {
    name: 'is a refusal with 500',
    answer: refusing(500, '{"message":"the disk is full"}'),
    broken: false,
    tells: /the disk is full/,
  },
  {
    name: 'is a refusal with 404',
    answer: refusing(404, '{"message":"no such thing"}'),
    broken: false,
    tells: /no such thing/,
  },
  {
    name: 'is a refusal with 409',
    answer: refusing(409, '{"message":"it is in use"}'),
    broken: false,
    tells: /it is in use/,
  },
  { name: 'is a refusal with 400 that says nothing', answer: refusing(400, ''), broken: false, tells: /400/ },
  {
    name: 'is a refusal of a proxy',
    answer: refusing(502, '<html>Bad Gateway</html>'),
    broken: false,
    tells: /Bad Gateway/,
  },
  {
    name: 'does not begin: the connection is reset',
    answer: () => (_, response) => void response.destroy(),
    broken: true,
    unreachable: true,
  },
  { name: 'does not begin', answer: () => () => undefined, broken: true, silent: true, tells: /silent for/ },
  {
    name: 'stops between two events',
    answer: sending(
      (lines) => [text(withoutLast(lines))],
      () => undefined,
    ),
    broken: true,
    silent: true,
    tells: /silent for/,
  },
  {
    name: 'stops after the last event',
    answer: sending(
      (lines) => [text(lines)],
      () => undefined,
    ),
    broken: true,
    silent: true,
    tells: /silent for/,
  },
];
