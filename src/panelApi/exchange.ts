// One attempt as the Request tab shows it: what was sent, what came back, and what happened on the way.
import type { HeaderList } from '../base/headers.ts';
import { headerValue } from '../base/headers.ts';
import { mask } from '../base/redaction.ts';
import type { Attempt } from '../capture/attemptLog.ts';
import type { Capture } from '../capture/capture.ts';
import type { StepRecord } from '../capture/records.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { closeText, describeStep, statusLine, verdictText } from '../session/describe.ts';
import type { Step } from '../sse/steps.ts';
import type { ResponseHead } from '../sse/transport.ts';
import type { ExchangeView, Header, RedirectView, TimingPart } from './attemptMessages.ts';
import { originText } from './attempts.ts';
import { connectionFacts, firstEventMs } from './exchangeFacts.ts';
import type { Fact, StepRow } from './protocol.ts';

/** Null where nothing is known of it: it has no step yet, or is too long ago. */
export function exchangeOf({ capture }: CaptureSource, number: number): ExchangeView | null {
  const attempt = capture.attempts.get(number);
  if (!attempt) return null;
  const records = stepsOf(capture, attempt);
  const steps = records.map(({ step }) => step);
  const request = steps.flatMap((step) => ('request' in step && step.request ? [step.request] : []))[0];
  const head = headOf(steps);
  const answer = steps.find((step) => step.step === 'answer');
  const body = answer?.body ? { body: answer.body } : {};
  return {
    attempt: number,
    ...(request
      ? {
          request: {
            ...request,
            headers: headersOf(request.headers),
            // What came over no connection has no times of one.
            ...(head?.injected && !head.timing ? { notSent: true as const } : {}),
          },
        }
      : {}),
    ...(head
      ? {
          response: {
            status: statusLine(head),
            version: head.httpVersion,
            headers: headersOf(head.headers),
            ...body,
            ...(head.injected ? { injected: true as const } : {}),
          },
        }
      : {}),
    redirects: redirectsOf(capture, attempt),
    timing: timingOf(capture, attempt, records),
    facts: factsOf(attempt, steps, head, request && headerValue(request.headers, 'last-event-id')),
    steps: records.map(stepRow),
  };
}

function stepsOf(capture: Capture, { steps }: Attempt): StepRecord[] {
  return steps.flatMap((position) => {
    const record = capture.at(position);
    return record?.kind === 'step' ? [record] : [];
  });
}

function stepRow({ position, time, step, attempt }: StepRecord): StepRow {
  return { kind: 'step', position, time, ...describeStep(step, attempt) };
}

function headOf(steps: readonly StepRecord['step'][]): ResponseHead | undefined {
  return steps.flatMap((step) => ('head' in step ? [step.head] : []))[0];
}

function headersOf(headers: HeaderList): Header[] {
  return headers.map(([name, value]) => ({ name, value, masked: value.includes(mask) }));
}

/** Those before it, back to where the chain began, and its own. */
function redirectsOf(capture: Capture, attempt: Attempt): RedirectView[] {
  const chain: RedirectView[] = [];
  for (let one: Attempt | undefined = attempt; one; ) {
    const step = stepsOf(capture, one)
      .map((record) => record.step)
      .find((found) => found.step === 'redirect');
    if (step) {
      const { from, to, head } = step;
      chain.unshift({ attempt: one.attempt, status: statusLine(head), from, to });
    }
    const { origin }: Attempt = one;
    one = origin.kind === 'redirect' ? capture.attempts.get(origin.from) : undefined;
  }
  return chain;
}

/** What can be told of the time between the request and the first event; one part begins where the other ends. */
function timingOf(
  capture: Capture,
  { startedAt, answeredAt }: Attempt,
  records: readonly StepRecord[],
): TimingPart[] {
  const timing = headOf(records.map(({ step }) => step))?.timing;
  const parts: TimingPart[] = [];
  let from = 0;
  const add = (kind: TimingPart['kind'], label: string, ms: number | undefined): void => {
    if (ms === undefined) return;
    parts.push({ kind, label, from, ms });
    from += ms;
  };
  const failed = records.some(({ step }) => step.step === 'ended' && !step.wasOpen);
  const total = answeredAt === undefined ? undefined : Math.max(0, answeredAt - startedAt);
  if (failed) {
    add('failed', 'Until it failed', total);
    return parts;
  }
  add('dns', 'DNS', timing?.dnsMs);
  add('connect', 'Connect', timing?.connectMs);
  add('tls', 'TLS', timing?.tlsMs);
  const firstByte = timing?.firstByteMs ?? total;
  add('wait', 'Waiting for the answer', firstByte === undefined ? undefined : Math.max(0, firstByte - from));
  const opened = records.find(({ step }) => step.step === 'open');
  add('event', 'First event', opened && firstEventMs(capture, opened));
  return parts;
}

function factsOf(
  { origin, opened, over }: Attempt,
  steps: readonly StepRecord['step'][],
  head: ResponseHead | undefined,
  lastEventId: string | undefined,
): Fact[] {
  const facts: Fact[] = [{ label: 'Cause', value: originText(origin) }];
  const add = (label: string, value: string | undefined): void => {
    if (value) facts.push({ label, value });
  };
  const explained = steps.find((step) => step.step === 'answer' || step.step === 'needsToken');
  add('Why', explained?.explanation);
  const closed = steps.find((step) => step.step === 'closed');
  add('Closed', closed && closed.reason.kind !== 'unauthorized' ? closeText(closed.reason) : undefined);
  add('Open for', opened && over ? formatDuration(over.at - opened.at) : undefined);
  const ended = steps.find((step) => step.step === 'ended');
  add('Error', ended?.end.kind === 'error' ? `${ended.end.message} ${ended.end.code}`.trim() : undefined);
  const judged = steps.findLast((step): step is Step & { step: 'ended' | 'answer' | 'redirect' } =>
    ['ended', 'answer', 'redirect'].includes(step.step),
  );
  add('Browser', judged && verdictText(judged.browser));
  add('Last-Event-ID', lastEventId);
  return [...facts, ...connectionFacts(head?.connection)];
}
