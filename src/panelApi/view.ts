// A capture and its connection as the panel sees them: the snapshot, the rows of a range, one record's detail. Pure projections.
import type { CaptureRecord, EventRecord, StepRecord } from '../capture/records.ts';
import { tokenTimes } from '../jwt/claims.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import {
  causeText,
  closeText,
  closeTone,
  describeStep,
  sourceText,
  stateWord,
  statusLine,
} from '../session/describe.ts';
import { findingText, recoveryText } from '../session/labWords.ts';
import { decodeBlock } from '../sse/decoder.ts';
import type { ResponseHead } from '../sse/transport.ts';
import { connectionFacts, firstEventMs, headerFacts, timingFacts } from './exchangeFacts.ts';
import type {
  Counts,
  Detail,
  EventDetail,
  EventRow,
  Fact,
  ListView,
  Row,
  Snapshot,
  StateView,
  StepDetail,
} from './protocol.ts';

/** As many types are counted by name. */
const maxTypes = 50;
const previewLength = 300;
/** For the preview of a longer block only its start is decoded. */
const previewBytes = 4_096;
const maxDetailLength = 2_097_152;
const LF = 0x0a;
const CR = 0x0d;

export function snapshotOf(source: CaptureSource, list: ListView, now: number, url: string): Snapshot {
  const { capture } = source;
  const { expiresAt } = tokenTimes(source.token?.decoded);
  const { verdict } = capture.statistics;
  return {
    now,
    name: source.name,
    capture: source.captureId,
    method: source.settings.method,
    url,
    state: stateView(source),
    stateWord: stateWord(source.state),
    canConnect: source.canConnect,
    attempts: source.attempts,
    hasTimes: source.hasTimes,
    ...(source.notice === undefined ? {} : { notice: source.notice }),
    events: capture.events,
    rate: source.rate(),
    lastEventId: source.lastEventId,
    ...(source.armedFaults ? { armed: source.armedFaults } : {}),
    ...(verdict ? { verdict: recoveryText(verdict) } : {}),
    ...(expiresAt === undefined ? {} : { tokenExpiresAt: expiresAt }),
    first: capture.first,
    next: capture.next,
    list,
    counts: countsOf(source),
    cleared: capture.cleared,
    bytes: capture.bytes,
    maxBytes: capture.limits.bytes,
  };
}

function countsOf({ capture }: CaptureSource): Counts {
  const types = capture.types.types().slice(0, maxTypes);
  return {
    types,
    otherTypes: capture.events - types.reduce((sum, { count }) => sum + count, 0),
    comments: capture.comments,
    steps: capture.next - capture.events - capture.comments,
  };
}

/** Whether the user can give another token; what comes from a source of its own is had anew by connecting. */
function asksUser(token: CaptureSource['token']): boolean {
  return token === undefined || token.source === 'secret' || token.source === 'session';
}

function stateView({ state, silentSince, token }: CaptureSource): StateView {
  switch (state.kind) {
    case 'open':
      return { ...state, ...(silentSince === undefined ? {} : { silentSince }) };
    case 'waiting':
      return {
        kind: 'waiting',
        since: state.since,
        until: state.until,
        cause: causeText(state.cause),
        action: 'forceReconnect',
      };
    case 'needsToken':
      return {
        kind: 'waiting',
        since: state.since,
        cause: state.explanation === '' ? 'A token is needed to connect.' : state.explanation,
        action: 'setToken',
      };
    case 'closed': {
      const { reason, since } = state;
      const action = reason.kind === 'unauthorized' && asksUser(token) ? 'setToken' : 'connect';
      return { kind: 'closed', since, tone: closeTone(reason), reason: closeText(reason), action };
    }
    default:
      return state;
  }
}

export function rowOf(source: CaptureSource, record: CaptureRecord): Row {
  const row = bareRow(source, record);
  const { list } = source.capture.attempts;
  const openedAt = list.findLast(({ attempt }) => attempt === record.attempt)?.opened?.at;
  return openedAt === undefined ? row : { ...row, openedAt };
}

function bareRow(source: CaptureSource, record: CaptureRecord): Row {
  const { position, time } = record;
  switch (record.kind) {
    case 'event':
      return eventRow(source, record, previewOf(record));
    case 'comment':
      return { kind: 'comment', position, time, text: record.text.slice(0, previewLength) };
    case 'step': {
      const until = record.step.step === 'waiting' ? { until: record.step.until } : {};
      return { kind: 'step', position, time, ...describeStep(record.step, record.attempt), ...until };
    }
  }
}

interface Preview {
  type: string;
  text: string;
  ownId: string | undefined;
}

function previewOf(record: EventRecord): Preview {
  const cut = record.block.length > previewBytes;
  const decoded = decodeBlock(cut ? startOf(record.block) : record.block);
  // The last of several counts, for `id` and `event`: where one may stand behind the start, all of it is read.
  if (cut && hasMoreFields(record.block)) {
    const whole = decodeBlock(record.block);
    return {
      type: whole?.type ?? record.type,
      text: decoded?.data ?? whole?.data ?? '',
      ownId: whole?.ownId,
    };
  }
  return { type: decoded?.type ?? record.type, text: decoded?.data ?? '', ownId: decoded?.ownId };
}

/** The first bytes of a block as a block of its own. */
function startOf(block: Uint8Array): Uint8Array {
  const start = new Uint8Array(previewBytes + 2);
  start.set(block.subarray(0, previewBytes));
  start.fill(0x0a, previewBytes);
  return start;
}

/** Whether a line that may be an `id` or `event` field ends behind the block's start. */
function hasMoreFields(block: Uint8Array): boolean {
  const start = block.subarray(0, previewBytes);
  let from = 1 + Math.max(start.lastIndexOf(LF), start.lastIndexOf(CR));
  while (from < block.length) {
    if (block[from] === 0x69 || block[from] === 0x65) return true;
    const lf = block.indexOf(LF, from);
    const end = block.subarray(from, lf < 0 ? block.length : lf).indexOf(CR);
    if (lf < 0 && end < 0) return false;
    from = (end < 0 ? lf : from + end) + 1;
  }
  return false;
}

/** The start of an event's data on one line. */
export function previewText(data: string): string {
  return data.slice(0, previewLength).toWellFormed().replace(/\s+/g, ' ');
}

/** All that a step's row says, on one line. */
export function stepLine({ text, aside = '' }: { text: string; aside?: string }): string {
  return `${text} ${aside}`;
}

function eventRow(source: CaptureSource, record: EventRecord, preview: Preview): EventRow {
  const { position, time, number } = record;
  const before = source.hasTimes ? source.capture.previousEventTime(position) : undefined;
  return {
    kind: 'event',
    position,
    time,
    number,
    ...(before === undefined ? {} : { gap: Math.max(0, time - before) }),
    type: record.type || preview.type,
    id: preview.ownId ?? record.inheritedId ?? '',
    ownId: preview.ownId !== undefined,
    preview: previewText(preview.text),
    size: record.block.length,
  };
}

export function detailOf(source: CaptureSource, position: number): Detail | null {
  const record = source.capture.at(position);
  if (!record) return null;
  const row = rowOf(source, record);
  if (record.kind === 'event' && row.kind === 'event') return eventDetail(record, row);
  if (record.kind === 'comment' && row.kind === 'comment') return { kind: 'comment', row, text: record.text };
  if (record.kind === 'step' && row.kind === 'step')
    return { kind: 'step', row, ...stepFacts(source, record) };
  return null;
}

function eventDetail(record: EventRecord, row: EventRow): EventDetail {
  const data = decodeBlock(record.block)?.data ?? '';
  const raw = new TextDecoder('utf-8', { ignoreBOM: true }).decode(record.block.subarray(0, maxDetailLength));
  return {
    kind: 'event',
    row,
    data: data.slice(0, maxDetailLength),
    truncated: data.length > maxDetailLength,
    attempt: record.attempt,
    raw,
    lineEnding: lineEndingOf(raw),
    chunkCount: record.chunkCount,
    chunks: record.chunks,
  };
}

function lineEndingOf(raw: string): EventDetail['lineEnding'] {
  const found = new Set(raw.match(/\r\n|\r|\n/g));
  const [only] = found;
  if (found.size !== 1 || only === undefined) return 'mixed';
  return only === '\r\n' ? 'CRLF' : only === '\r' ? 'CR' : 'LF';
}

function stepFacts(source: CaptureSource, record: StepRecord): Pick<StepDetail, 'facts' | 'body'> {
  const { step, attempt } = record;
  const facts: Fact[] = [{ label: 'Attempt', value: String(attempt) }];
  const add = (label: string, value: string): void => void facts.push({ label, value });
  switch (step.step) {
    case 'open':
      add('Status', `HTTP/${step.head.httpVersion} ${statusLine(step.head)}`);
      if (!step.head.timing) add('First byte', formatDuration(step.ms));
      if (step.lastEventId !== '') add('Last-Event-ID', step.lastEventId);
      return { facts: [...facts, ...exchangeFacts(step.head, firstEventFact(source, record, step.ms))] };
    case 'answer':
      add('Status', `HTTP/${step.head.httpVersion} ${statusLine(step.head)}`);
      if (step.explanation) add('Why', step.explanation);
      return {
        facts: [...facts, ...exchangeFacts(step.head)],
        ...(step.body === '' ? {} : { body: step.body }),
      };
    case 'redirect':
      add('Status', `HTTP/${step.head.httpVersion} ${statusLine(step.head)}`);
      add('From', step.from);
      add('To', step.to);
      return { facts: [...facts, ...exchangeFacts(step.head)] };
    case 'ended':
      add('Open for', formatDuration(step.openMs));
      if (step.end.kind === 'error') add('Error', `${step.end.message} ${step.end.code}`.trim());
      return { facts };
    case 'waiting':
      add('Wait', formatDuration(step.ms));
      add('Cause', causeText(step.cause));
      return { facts };
    case 'silence':
      add('Silent for', formatDuration(step.ms));
      add('Longest gap before', formatDuration(step.longestGapMs));
      return { facts };
    case 'oddity':
      add('Place', `byte ${step.at} of the body`);
      return { facts };
    case 'idNotSent':
      add('Id', JSON.stringify(step.id));
      return { facts };
    case 'tokenRefreshed': {
      add('Source', sourceText(step.source));
      add('Took', formatDuration(step.ms));
      for (const [label, facts] of [
        ['Before', step.before],
        ['After', step.after],
      ] as const) {
        if (facts.exp !== undefined) add(`${label}: exp`, new Date(facts.exp).toISOString());
        if (facts.jti !== undefined) add(`${label}: jti`, facts.jti);
      }
      if (step.claims.length > 0) add('Claims that changed', step.claims.join(', '));
      return { facts };
    }
    case 'tokenRefreshFailed':
      add('Source', sourceText(step.source));
      add('Why', step.reason);
      return { facts };
    case 'needsToken':
      if (step.explanation !== '') add('Why', step.explanation);
      return { facts };
    case 'closed':
      add('Reason', closeText(step.reason));
      return { facts };
    case 'fault':
      add('Seed', String(step.seed));
      return { facts };
    case 'verdict':
      add('Fault', step.fault);
      add('Attempts', String(step.attempts));
      add('Took', formatDuration(step.ms));
      add('Tokens asked for', String(step.refreshes));
      add('Events missed', step.missed === undefined ? 'unknown' : String(step.missed));
      add('Events doubled', step.doubled === undefined ? 'unknown' : String(step.doubled));
      if (step.reason !== undefined) add('Why', step.reason);
      return { facts };
    case 'scenario':
      for (const finding of step.findings) {
        const [at] = finding.positions;
        const label = finding.passed ? 'Passed' : 'Failed';
        facts.push({ label, value: findingText(finding), ...(at === undefined ? {} : { at }) });
      }
      if (step.about !== '') add('About', step.about);
      return { facts };
    default:
      return { facts };
  }
}

function exchangeFacts({ timing, connection, headers }: ResponseHead, firstEvent: Fact[] = []): Fact[] {
  return [...timingFacts(timing), ...connectionFacts(connection), ...firstEvent, ...headerFacts(headers)];
}

/** Counted from the start of the attempt, as the first byte is. */
function firstEventFact({ capture }: CaptureSource, record: StepRecord, openedMs: number): Fact[] {
  const ms = firstEventMs(capture, record);
  return ms === undefined ? [] : [{ label: 'First event', value: formatDuration(openedMs + ms) }];
}
