import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Answers at `/` with its slot, and at other paths as their names say; it always says who it is and what it was asked. */
export function talkative(place: string): RequestListener {
  const [service = '', slot = '', replica = ''] = place.split('.');
  return (request, response) => {
    const asked = request.url ?? '';
    const url = new URL(asked, 'http://service');
    const { 'x-forwarded-proto': protocol = '' } = request.headers;
    for (const [name, value] of Object.entries({ service, slot, replica, asked, protocol })) {
      response.setHeader(`x-${name}`, value);
    }
    switch (url.pathname) {
      case '/headers':
        response.end(JSON.stringify(request.headers));
        return;
      case '/echo':
        request.pipe(response);
        return;
      case '/status':
        response.writeHead(Number(url.searchParams.get('code'))).end();
        return;
      case '/silent':
        void delay(Number(url.searchParams.get('ms'))).then(() => response.end(slot));
        return;
      case '/events': {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const timer = setInterval(() => response.write(`data: ${slot}\n\n`), 20);
        response.once('close', () => {
          clearInterval(timer);
        });
        return;
      }
      default:
        request.resume();
        request.once('end', () => response.end(slot));
    }
  };
}
