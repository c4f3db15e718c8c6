// Lifecycle steps as a file has them. What shows a step relies on its shape, so that one out of a file is checked to
// the last field; what isn't known is left out.
import * as v from 'valibot';
import type { Step } from '../../sse/steps.ts';
import type { Note } from '../records.ts';
import { longestTime } from './captureFile.ts';
import type { ExportSource } from './source.ts';
import { maskedText } from './wire.ts';

const text = v.string();
const flag = v.boolean();
const number = v.pipe(v.number(), v.minValue(-longestTime), v.maxValue(longestTime));
const optionalText = v.exactOptional(text);
const optionalNumber = v.exactOptional(number);
const headers = v.pipe(v.array(v.pipe(v.tuple([text, text]), v.readonly())), v.readonly());

const injected = v.exactOptional(v.literal(true));

const head = v.object({
  status: number,
  statusText: text,
  httpVersion: text,
  headers,
  injected,
  timing: v.exactOptional(
    v.object({
      dnsMs: optionalNumber,
      connectMs: optionalNumber,
      tlsMs: optionalNumber,
      firstByteMs: number,
    }),
  ),
  connection: v.exactOptional(
    v.object({
      remote: optionalText,
      proxy: optionalText,
      tls: v.exactOptional(
        v.object({ protocol: text, subject: text, issuer: text, validTo: text, unverified: optionalText }),
      ),
    }),
  ),
});

const request = v.exactOptional(
  v.object({
    time: number,
    method: text,
    url: text,
    headers,
    body: optionalText,
    bodyBytes: optionalNumber,
  }),
);

const cause = v.picklist(['connect', 'forced', 'retry', 'token']);

const verdict = v.variant('do', [
  v.object({ do: v.picklist(['open', 'follow', 'stay', 'stop']) }),
  v.object({ do: v.literal('reconnect'), ms: number }),
]);

const end = v.variant('kind', [
  v.object({ kind: v.literal('end'), injected }),
  v.object({
    kind: v.literal('error'),
    error: v.picklist([
      'refused',
      'dns',
      'unreachable',
      'reset',
      'noAnswer',
      'truncated',
      'short',
      'timeout',
      'headTimeout',
      'headTooLarge',
      'invalidHeader',
      'tls',
      'proxy',
      'proxyRefused',
      'protocol',
      'encoding',
      'network',
    ]),
    code: text,
    message: text,
    injected,
  }),
  v.object({ kind: v.picklist(['idle', 'wake']), ms: number }),
]);

const waitCause = v.variant('kind', [
  v.object({ kind: v.literal('backOff'), failures: number }),
  v.object({ kind: v.picklist(['retryField', 'default']), ms: number }),
  v.object({ kind: v.literal('retryAfter'), value: text, ms: number }),
  v.object({ kind: v.picklist(['wake', 'gate', 'tokenSource', 'tokenRefreshed']) }),
]);

const closeReason = v.variant('kind', [
  v.object({ kind: v.picklist(['disconnected', 'completed', 'noContent']) }),
  v.object({
    kind: v.literal('contentType'),
    contentType: text,
    body: v.picklist(['html', 'json', 'eventStream', 'empty', 'other']),
  }),
  v.object({ kind: v.literal('status'), status: number, statusText: text }),
  v.object({
    kind: v.literal('redirect'),
    status: number,
    location: text,
    origin: text,
    problem: v.picklist([
      'missing',
      'empty',
      'unparsable',
      'scheme',
      'userinfo',
      'credential',
      'body',
      'otherOrigin',
      'tooMany',
    ]),
  }),
  v.object({ kind: v.literal('unauthorized'), explanation: text }),
  v.object({ kind: v.literal('retryAfterTooLong'), value: text, until: number }),
  v.object({ kind: v.literal('gaveUp'), failures: number }),
  v.object({ kind: v.literal('ended'), end, wasOpen: flag }),
  v.object({ kind: v.literal('request'), message: text }),
]);

const oddity = v.variant('kind', [
  v.object({ kind: v.literal('unknownField'), field: text }),
  v.object({ kind: v.literal('badRetry'), value: text }),
  v.object({ kind: v.picklist(['nulInId', 'bom', 'invalidUtf8', 'more']) }),
  v.object({ kind: v.literal('unfinished'), bytes: number }),
  v.object({ kind: v.literal('onlyComments'), comments: number }),
]);

const tokenFacts = v.object({ exp: optionalNumber, jti: optionalText });
const refreshCauses = ['refused', 'ahead', 'asked', 'shared'] as const;

const schema = v.variant('step', [
  v.object({
    step: v.literal('open'),
    head,
    cause,
    ms: number,
    lastEventId: text,
    redirects: number,
    request,
  }),
  v.object({ step: v.literal('redirect'), head, from: text, to: text, browser: verdict, request }),
  v.object({
    step: v.literal('answer'),
    head,
    body: text,
    browser: verdict,
    explanation: optionalText,
    request,
  }),
  v.object({ step: v.literal('ended'), end, wasOpen: flag, openMs: number, browser: verdict, request }),
  v.object({ step: v.literal('waiting'), until: number, ms: number, cause: waitCause }),
  v.object({ step: v.literal('needsToken'), explanation: text }),
  v.object({
    step: v.literal('tokenRefreshed'),
    source: text,
    cause: v.picklist(refreshCauses),
    ms: number,
    before: tokenFacts,
    after: tokenFacts,
    claims: v.pipe(v.array(text), v.readonly()),
  }),
  v.object({
    step: v.literal('tokenRefreshFailed'),
    source: text,
    cause: v.picklist([...refreshCauses, 'attempt']),
    reason: text,
  }),
  v.object({ step: v.picklist(['forced', 'restored']) }),
  v.object({ step: v.literal('silence'), ms: number, longestGapMs: number }),
  v.object({ step: v.literal('idNotSent'), id: text }),
  v.object({ step: v.literal('oddity'), oddity, at: number }),
  v.object({ step: v.literal('closed'), reason: closeReason }),
  v.object({ step: v.literal('fault'), what: text, seed: number }),
  v.object({ step: v.literal('escaped'), to: text }),
  v.object({
    step: v.literal('verdict'),
    fault: text,
    recovered: flag,
    disconnected: v.exactOptional(flag),
    attempts: number,
    ms: number,
    refreshes: number,
    missed: optionalNumber,
    doubled: optionalNumber,
    reason: optionalText,
  }),
  v.object({
    step: v.literal('scenario'),
    name: text,
    about: text,
    passed: flag,
    findings: v.pipe(
      v.array(
        v.object({
          text,
          passed: flag,
          why: text,
          positions: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.readonly()),
        }),
      ),
      v.readonly(),
    ),
  }),
  v.object({ step: v.literal('dropped'), bytes: number, bound: v.picklist(['bytes', 'lines']) }),
]);

/** A step that can be read back. That each step is one, is for the compiler to say: a new field belongs here, too. */
export type StoredStep = v.InferOutput<typeof schema>;

/** Undefined where it is none. */
export function readStep(value: unknown): Step | Note | undefined {
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}

/** Of these the values are words of ours, not of a server. */
const ownWords = new Set(['step', 'kind', 'do', 'cause', 'error', 'bound', 'problem']);

/** A step with credentials masked in all that a server said: ids and odd lines are recorded as they came. */
export function maskedStep(step: StoredStep, source: ExportSource): StoredStep {
  if (!source.redactor) return step;
  const masked = JSON.stringify(step, (key, value: unknown) =>
    typeof value === 'string' && !ownWords.has(key) ? maskedText(value, source) : value,
  );
  return JSON.parse(masked) as StoredStep;
}
