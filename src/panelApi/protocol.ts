// What crosses between the host and the Events panel, all of it. The host owns the records; the panel is
// a window on them: it is pushed a snapshot on a timer and pulls the rows it shows by position.
import * as v from 'valibot';
import type { Range } from '../base/ranges.ts';
import type { Filter } from '../capture/filter/filter.ts';
import type { Marks, TermProblem } from '../capture/filter/matcher.ts';
import type { AttemptList, ExchangeView } from './attemptMessages.ts';
import type { ShapeChoice, TextAnswer, TextRequest } from './text.ts';
import type { TimelineView } from './timeline.ts';

export type { Range } from '../base/ranges.ts';
export type { Filter, OtherKind, Term } from '../capture/filter/filter.ts';
export type { Marks, TermProblem } from '../capture/filter/matcher.ts';

/** Where the connection is, as the panel shows it. Times are epoch milliseconds of the host's clock. */
export type StateView =
  | { kind: 'idle' }
  | { kind: 'connecting'; since: number }
  /** `silentSince` where nothing has come for far longer than ever before; the user may want to reconnect. */
  | { kind: 'open'; since: number; silentSince?: number }
  /** `until` is missing where the wait is for the user (a new token), not for a time. */
  | { kind: 'waiting'; since: number; until?: number; cause: string; action?: PanelAction }
  | { kind: 'closed'; since: number; tone: 'error' | 'done'; reason: string; action?: PanelAction }
  /** The capture was opened from a file; its last record came at `since`. */
  | { kind: 'recorded'; since: number };

/** What the host pushes: small, whatever the rate, and whole, so that a lost one does no harm. */
export interface Snapshot {
  /** Host clock at the time of sending, for the panel to correct its own (Remote-SSH). */
  now: number;
  name: string;
  /** Another id, another capture: what is known of positions is void. */
  capture: string;
  method: string;
  /** Without credentials. */
  url: string;
  state: StateView;
  /** The state in a word or two: "Open", "Needs a token". */
  stateWord: string;
  /** False where there is no connection of ours: a file, or a client that connects by itself. */
  canConnect: boolean;
  /** HTTP requests made so far by this connection. */
  attempts: number;
  /** False where the times of all records are 0: a file that has none. */
  hasTimes: boolean;
  /** A sentence about the capture as a whole: its file is broken. */
  notice?: string;
  /** Events received in all, those that were evicted since included. */
  events: number;
  /** Events per second over the last seconds. */
  rate: number;
  lastEventId: string;
  /** What the fault lab has armed: "401 Unauthorized at the next attempt". */
  armed?: string;
  /** How the connection came through the last fault: "Recovered after 1 attempt in 2.0 s: ...". */
  verdict?: string;
  /** When the token expires (epoch ms), where it has an `exp`. */
  tokenExpiresAt?: number;
  /** Positions [first, next) are available; everything before `first` was evicted by the capture's bounds. */
  first: number;
  next: number;
  list: ListView;
  counts: Counts;
  /** Those before this position went because the user cleared the capture; 0 for none. */
  cleared: number;
  /** What the capture's rows take, in bytes, and the bound. */
  bytes: number;
  maxBytes: number;
}

/** What the list shows: the records that match the filter, by index. Without a filter an index is a position. */
export interface ListView {
  /** Another id, another list: what is known of indexes is void. */
  id: number;
  isFiltered: boolean;
  /** Indexes [first, next) are there. The index of a record never changes. */
  first: number;
  next: number;
  /** From 0 to 1 while what was there before is still being looked through. */
  progress?: number;
  /** Why the filter ended before its end, in a sentence. */
  problem?: string;
  /** Records that weren't looked into: they have too much data for this filter. */
  tooLarge?: number;
}

/** How many records of each sort were received in all. */
export interface Counts {
  /** The most frequent types of events. */
  types: { type: string; count: number }[];
  /** Events of all other types. */
  otherTypes: number;
  comments: number;
  steps: number;
}

export type Tone = 'info' | 'success' | 'warning' | 'error';

/** Columns of the list that can be hidden. */
export const hideableColumns = ['time', 'gap', 'type', 'id', 'size'] as const;
export type HideableColumn = (typeof hideableColumns)[number];

/** What the host is to know of the list's columns. */
export interface ColumnsView {
  hidden: readonly HideableColumn[];
  /** The JSON path that the user's own column shows; empty for none. */
  path: string;
}

/** Where in a row's texts the filter's regular expressions match. */
export interface CellMarks {
  type?: readonly Range[];
  id?: readonly Range[];
  /** In the preview, in an event. */
  text?: readonly Range[];
  aside?: readonly Range[];
}

interface RowBase {
  /** Place in the capture: counts from 0 at its start and never changes for a record. */
  position: number;
  /** Epoch milliseconds at which its last byte arrived. */
  time: number;
  /** When the stream of its attempt was opened (epoch ms), as far as that is known. */
  openedAt?: number;
  marks?: CellMarks;
}

export interface EventRow extends RowBase {
  kind: 'event';
  /** Number of this event in the capture, from 1. */
  number: number;
  /** Milliseconds since the event before it; missing for the first. */
  gap?: number;
  type: string;
  /** The last event id after this event; empty for none. */
  id: string;
  /** Whether the event brought its id itself or inherited the one before. */
  ownId: boolean;
  /** The start of the data on one line, at most 300 characters. */
  preview: string;
  /** Bytes on the wire, the blank line included. */
  size: number;
  /** What the JSON path of the user's own column leads to, in short; missing where it leads to nothing. */
  column?: string;
}

export interface CommentRow extends RowBase {
  kind: 'comment';
  /** At most 300 characters. */
  text: string;
}

/** A lifecycle step: connects, failures, waits. Also limits that acted and what the decoder found odd. */
export interface StepRow extends RowBase {
  kind: 'step';
  tone: Tone;
  /** A codicon's name. */
  icon: string;
  text: string;
  /** A second, quieter half of the line, aligned to the end. */
  aside?: string;
  /** For a wait: when it ends (epoch ms), so that the newest can count down. */
  until?: number;
}

export type Row = EventRow | CommentRow | StepRow;

/** Rows side by side, the first of them at index `from`. */
export interface Rows {
  from: number;
  rows: Row[];
}

export interface EventDetail {
  kind: 'event';
  row: EventRow;
  /** The whole data, or its first 2,097,152 characters where `truncated`. */
  data: string;
  truncated: boolean;
  /** The id is not this event's own where `row.ownId` is false. */
  attempt: number;
  /** Names and values of the block as they came, data included, decoded as UTF-8; at most 2,097,152 characters. */
  raw: string;
  lineEnding: 'LF' | 'CR' | 'CRLF' | 'mixed';
  /** Chunks of the body that the block came in, from 1. */
  chunkCount: number;
  /** Where in the block's bytes each chunk but the first began: the first 1,000 of these. */
  chunks: readonly number[];
}

/** A line of a table: what, and its value. */
export interface Fact {
  label: string;
  value: string;
  /** The record that shows it. */
  at?: number;
}

export interface StepDetail {
  kind: 'step';
  row: StepRow;
  /** Rows of the detail table: status, headers (masked), cause ... */
  facts: Fact[];
  /** The start of a failed answer's body, as text. */
  body?: string;
}

export interface CommentDetail {
  kind: 'comment';
  row: CommentRow;
  text: string;
}

export type Detail = EventDetail | StepDetail | CommentDetail;

/** A range of an event's block as it came. */
export interface WireRange {
  /** Base64. */
  bytes: string;
  /** Whether the first of them stands behind its line's colon. */
  inValue: boolean;
}

export const panelActions = [
  'connect',
  'disconnect',
  'forceReconnect',
  'setToken',
  'showLog',
  'copyAsCURL',
  'clear',
  'exportCapture',
] as const;
export type PanelAction = (typeof panelActions)[number];

/** What can be done with one event, each a command of the same name. */
export const eventActions = ['openInEditor', 'compareWithPreviousOfType'] as const;
export type EventAction = (typeof eventActions)[number];

/** Commands on a value of a JSON tree. */
export const treeCommands = ['copyValue', 'copyPath', 'useAsColumn', 'filterByPath'] as const;
export type TreeCommand = (typeof treeCommands)[number];

/** Commands that the panel itself carries out. */
export const panelCommands = ['pause', 'goToTime', ...treeCommands] as const;
export type PanelCommand = (typeof panelCommands)[number];

/** The panel's tabs. The host prepares what one shows only while it is looked at. */
export const panelTabs = ['events', 'timeline', 'text', 'request'] as const;
export type PanelTab = (typeof panelTabs)[number];

/** What to find: the record at a time (epoch ms), an event by its number, the next step where the stream broke off or came back. */
export type Target =
  | { to: 'time'; time: number }
  | { to: 'event'; number: number }
  | { to: 'break'; from: number; by: 1 | -1 };

/** The Text tab's choice: a shape, all of them, or a path. */
export const textShapes = [
  'auto',
  'openaiChat',
  'openaiResponses',
  'anthropicMessages',
  'path',
] as const satisfies ShapeChoice['shape'][];

/** Where a record stands in the list. */
export interface Place {
  /** Of the record, or of the first behind it. */
  index: number;
  isThere: boolean;
  /** Whether the filter has come to this record; if not, the rest is preliminary. */
  isDecided: boolean;
}

/** What the panel asks of the host. What isn't there any more is left out. */
export interface HostApi {
  ready(): Promise<Snapshot>;
  /** The rows at indexes [from, to), at most 500; null for a list that is no more. */
  rows(range: { list: number; from: number; to: number }): Promise<Rows | null>;
  /** Shows what matches, by a new list. What is wrong with a term, if anything is: then nothing changes. */
  filter(filter: Filter): Promise<TermProblem | null>;
  /** null for a list that is no more. */
  place(of: { list: number; position: number }): Promise<Place | null>;
  detail(at: { position: number }): Promise<Detail | null>;
  /** Where in a detail's text the regular expressions and JSON paths of a list's filter find something; null for a list that is no more. */
  marks(of: { list: number; position: number }): Promise<Marks | null>;
  /** Answered when there is news, or after a few seconds. */
  text(request: TextRequest): Promise<TextAnswer>;
  /** Bytes [from, to) of an event's block, at most 65,536; null where the event is gone. */
  wire(range: { position: number; from: number; to: number }): Promise<WireRange | null>;
  /** Where it is, or the nearest record that is still there; null where there is none. */
  locate(target: Target): Promise<{ position: number } | null>;
  /** All of one attempt; null where nothing is known of it. */
  exchange(at: { attempt: number }): Promise<ExchangeView | null>;
  /** While following, snapshots bring the newest `rows` rows with them. */
  follow(window: { following: boolean; rows: number }): Promise<void>;
  look(at: { tab: PanelTab }): Promise<void>;
  act(what: { action: PanelAction }): Promise<void>;
  actOn(what: { action: EventAction; position: number }): Promise<void>;
  /** What is selected now, for commands. */
  select(at: { position?: number | undefined }): Promise<void>;
  columns(view: ColumnsView): Promise<void>;
  /** To the clipboard, credentials masked. */
  copy(what: { text: string }): Promise<void>;
}

/** What the host tells the panel. No answer is awaited. */
export interface PanelApi {
  update(message: { snapshot: Snapshot; tail: Rows }): void;
  timeline(message: { capture: string; timeline: TimelineView }): void;
  attempts(message: AttemptList): void;
  /** Selects a row, from a command or a link elsewhere. */
  reveal(message: { position: number }): void;
  run(message: { command: PanelCommand }): void;
  setColumns(message: ColumnsView): void;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const nothing = v.optional(v.unknown());
const longestPath = 10_000;

/** Ample for what a person types, and for the types that a capture keeps names of. */
const text = v.pipe(v.string(), v.maxLength(1_000));
const filterSchema = v.object({
  terms: v.pipe(
    v.array(v.object({ mode: v.picklist(['text', 'regex', 'path']), text, caseSensitive: v.boolean() })),
    v.maxLength(8),
  ),
  types: v.object({ names: v.pipe(v.array(text), v.maxLength(1_000)), shown: v.boolean() }),
  hiddenKinds: v.pipe(v.array(v.picklist(['comment', 'step'])), v.maxLength(2)),
}) satisfies v.GenericSchema<Filter>;

/** A filter that the panel kept from before; undefined where it isn't one. */
export function readFilter(raw: unknown): Filter | undefined {
  const read = v.safeParse(filterSchema, raw);
  return read.success ? read.output : undefined;
}

/** The host checks each request: what comes out of a webview is input like any other. */
export const hostApiSchemas = {
  ready: nothing,
  rows: v.object({ list: count, from: count, to: count }),
  filter: filterSchema,
  place: v.object({ list: count, position: count }),
  detail: v.object({ position: count }),
  marks: v.object({ list: count, position: count }),
  wire: v.object({ position: count, from: count, to: count }),
  locate: v.variant('to', [
    v.object({ to: v.literal('time'), time: v.pipe(v.number(), v.finite()) }),
    v.object({ to: v.literal('event'), number: count }),
    v.object({ to: v.literal('break'), from: count, by: v.picklist([1, -1]) }),
  ]),
  exchange: v.object({ attempt: count }),
  text: v.object({
    choice: v.variant('shape', [
      v.object({ shape: v.picklist(textShapes.filter((shape) => shape !== 'path')) }),
      v.object({ shape: v.literal('path'), path: v.pipe(v.string(), v.maxLength(longestPath)) }),
    ]),
    generation: count,
    revision: count,
    isCaughtUp: v.boolean(),
    from: v.optional(count),
    held: v.pipe(v.array(v.array(count)), v.maxLength(1_000)),
  }),
  follow: v.object({ following: v.boolean(), rows: v.pipe(count, v.maxValue(500)) }),
  look: v.object({ tab: v.picklist(panelTabs) }),
  act: v.object({ action: v.picklist(panelActions) }),
  actOn: v.object({ action: v.picklist(eventActions), position: count }),
  select: v.object({ position: v.optional(count) }),
  columns: v.object({
    hidden: v.pipe(v.array(v.picklist(hideableColumns)), v.maxLength(hideableColumns.length)),
    path: v.pipe(v.string(), v.maxLength(1_000)),
  }),
  copy: v.object({ text: v.string() }),
} as const satisfies Record<keyof HostApi, v.GenericSchema>;
