/**
 * Node's module. An `import` of it reads everything that it exports, WebSocket among it, for which Node loads a client of
 * its own: 50 ms that a look at the status would wait for.
 */
export const http = process.getBuiltinModule('node:http');

/** The same with TLS, loaded only where it is spoken. */
export const https = () => process.getBuiltinModule('node:https');
