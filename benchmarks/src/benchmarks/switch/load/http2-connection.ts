import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { text } from 'node:stream/consumers';

import { type Connection, RequestFailure, silenceMs, turnedAway, writeBody } from './connection.ts';

export interface Http2Options {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

interface Opened {
  readonly session: ClientHttp2Session;
  /** Why it failed; the streams on it only say that they were cancelled. */
  error: Error | null;
  streams: number;
  /** The last one that the server says it has begun. */
  lastBegun: number;
}

// nginx ends a connection after a thousand requests, and does not begin those that are on their way to it at that moment.
const mostStreams = 500;

export function openHttp2(options: Http2Options): Connection {
  let current: Opened | null = null;
  const usable = (): Opened => {
    if (current?.streams === mostStreams) current.session.close();
    if (current === null || current.session.closed || current.session.destroyed) current = openSession(options);
    return current;
  };
  return {
    async send({ method, path, accept = '*/*', body }) {
      const opened = usable();
      const reused = opened.streams > 0;
      opened.streams += 1;
      const stream = opened.session.request(
        { ':method': method, ':path': path, ':authority': options.name, accept },
        { endStream: body === null },
      );
      try {
        let status = 0;
        stream.once('response', (headers) => {
          status = Number(headers[':status']);
        });
        stream.setTimeout(silenceMs, () => stream.destroy(new RequestFailure('timeout')));
        if (body !== null) void writeBody(stream, body);
        const all = await text(stream);
        return { status, text: all, reused };
      } catch (error) {
        throw error instanceof RequestFailure ? error : (failureOf(stream, opened) ?? error);
      }
    },
    close: () => current?.session.close(),
  };
}

function openSession({ host, port }: Http2Options): Opened {
  const session = connect(`https://${host}:${port}`, { rejectUnauthorized: false });
  const opened: Opened = { session, error: null, streams: 0, lastBegun: Number.POSITIVE_INFINITY };
  session.on('error', (error: Error) => {
    opened.error = error;
  });
  session.on('goaway', (_, last: number = opened.lastBegun) => {
    opened.lastBegun = last;
  });
  return opened;
}

/** Told by the protocol's own words: which error Node has for a stream depends on what it hears of first. */
function failureOf({ id, rstCode }: ClientHttp2Stream, { error, lastBegun }: Opened): Error | null {
  const isBegun = id === undefined ? error !== null : id <= lastBegun;
  if (!isBegun || rstCode === constants.NGHTTP2_REFUSED_STREAM) return new RequestFailure(turnedAway);
  if (error !== null) return error;
  // What Node gives to streams whose connection was closed.
  if (rstCode === constants.NGHTTP2_CANCEL) return new RequestFailure('connection closed');
  return rstCode ? new RequestFailure(`HTTP/2 error ${rstCode}`) : null;
}
