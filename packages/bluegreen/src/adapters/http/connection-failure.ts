import type { ProbeResult } from '../../ports/probe.ts';

/** Nothing came in time. */
export function noAnswer(timeoutMs: number): ProbeResult {
  return { healthy: false, reason: 'timeout', detail: `no answer in ${timeoutMs} ms` };
}

/** What a connection that failed says about the other end. */
export function connectionFailure(error: NodeJS.ErrnoException & { readonly rawPacket?: unknown }): ProbeResult {
  const { code = error.message } = error;
  if (code === 'ECONNREFUSED') return { healthy: false, reason: 'refused', detail: 'nothing listens at its port' };
  if (speaksTls(error.rawPacket)) {
    return { healthy: false, reason: 'tls', detail: 'answered with TLS where plain HTTP is spoken' };
  }
  if (/^(CERT_|DEPTH_|ERR_TLS|ERR_SSL|SELF_SIGNED|UNABLE_TO|EPROTO$)/.test(code)) {
    return { healthy: false, reason: 'tls', detail: `TLS failed: ${error.message}` };
  }
  return { healthy: false, reason: 'broken', detail: `the connection broke: ${code}` };
}

/** An alert or a handshake, then the version. */
function speaksTls(packet: unknown): boolean {
  return Buffer.isBuffer(packet) && (packet[0] === 0x15 || packet[0] === 0x16) && packet[1] === 0x03;
}
