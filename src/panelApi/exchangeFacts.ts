// What is known of an exchange beside its heads: how long its parts took, and the other end of the socket.

import type { HeaderList } from '../base/headers.ts';
import { mask } from '../base/redaction.ts';
import type { Capture } from '../capture/capture.ts';
import type { StepRecord } from '../capture/records.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import type { ConnectionFacts, ResponseTiming } from '../sse/transport.ts';
import type { Fact } from './protocol.ts';

/** What took place before our eyes, in order. The first byte has all of the others in it. */
export function timingFacts(timing: ResponseTiming | undefined): Fact[] {
  const times: [label: string, ms: number | undefined][] = [
    ['DNS', timing?.dnsMs],
    ['Connect', timing?.connectMs],
    ['TLS', timing?.tlsMs],
    ['First byte', timing?.firstByteMs],
  ];
  return times.flatMap(([label, ms]) => (ms === undefined ? [] : [{ label, value: timeText(ms) }]));
}

/** The socket's other end, the certificate. */
export function connectionFacts(connection: ConnectionFacts | undefined): Fact[] {
  const tls = connection?.tls;
  const texts: [label: string, value: string | undefined][] = [
    ['Remote address', connection?.remote],
    ['Proxy', connection?.proxy],
    ['Protocol', tls?.protocol],
    ['Certificate', tls?.subject],
    ['Issued by', tls?.issuer],
    ['Valid to', tls?.validTo],
    ['Not verified', tls?.unverified],
  ];
  return texts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

export function headerFacts(headers: HeaderList): Fact[] {
  return headers.map(([label, value]) => ({
    label,
    value: value === mask ? `${mask} (masked)` : value,
  }));
}

/** How long after the step that opened the stream its first event came; looked for among the 1,000 records behind it. */
export function firstEventMs(capture: Capture, opened: StepRecord): number | undefined {
  for (let position = opened.position + 1; position < opened.position + 1_000; position++) {
    const next = capture.at(position);
    if (!next || next.attempt !== opened.attempt) return undefined;
    if (next.kind === 'event') return Math.max(0, next.time - opened.time);
  }
  return undefined;
}

/** Finer than other durations: of a connection on the same machine every step is under a millisecond. */
export function timeText(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : formatDuration(ms);
}
