// Merged text as the Text tab sees it. The panel asks, and is answered when there is something new: what of the
// messages in its view has changed since the revision it knows, and the texts from where it holds them on.
import type { PartKind } from '../capture/text/deltas.ts';
import type { MergedText } from '../capture/text/mergedText.ts';
import {
  type Message,
  type MessageState,
  type Part,
  speedOf,
  timeToFirstToken,
} from '../capture/text/message.ts';
import type { ShapeChoice, ShapeName } from '../capture/text/shapes.ts';

export type { MessageState, PartKind, ShapeChoice, ShapeName };

/** What the panel has. `generation` 0 for nothing. */
export interface TextRequest {
  choice: ShapeChoice;
  generation: number;
  revision: number;
  /** It was told that all there is has been read. */
  isCaughtUp: boolean;
  /** The first message that it shows; missing: the host decides. */
  from?: number | undefined;
  /** How far it has each part of the messages that may grow, or that it lacks some of: `[message, ...ends]`. */
  held: number[][];
}

export interface TextAnswer {
  /** Another one, another text: what is known of messages is void. */
  generation: number;
  revision: number;
  /** Why the path is none. */
  problem?: string;
  recognized?: ShapeName;
  /** Records that are still to be read. */
  behind: number;
  /** Records that the capture let go before they could be read. */
  missed: number;
  /** Messages from `first` on are there, `from` on are told of. */
  first: number;
  from: number;
  messages: MessageView[];
}

export interface MessageView {
  id: number;
  /** The record that began it. */
  position: number;
  attempt: number;
  /** Where it is one of several. */
  choice?: number;
  model?: string;
  role?: string;
  /** Missing, as all times are, where the capture has none. */
  startedAt?: number;
  /** Milliseconds. */
  timeToFirstToken?: number;
  speed?: { perSecond: number; of: 'tokens' | 'deltas' };
  tokens?: number;
  deltas: number;
  state: MessageState;
  finishReason?: string;
  error?: string;
  afterReconnect: boolean;
  resumed: boolean;
  leftOut: number;
  parts: PartView[];
}

/** Offsets count from the part's very beginning; `text` is there from `from` on, maybe not up to `end` yet. */
export interface PartView {
  kind: PartKind;
  name?: string;
  callId?: string;
  /** Milliseconds from its first piece to its last. */
  ms: number;
  /** What precedes was let go. */
  start: number;
  end: number;
  from: number;
  text: string;
}

/** Messages that a panel is told of where it asks for none in particular. */
const newestMessages = 30;
/** UTF-16 code units of text in one answer. */
export const mostText = 262_144;

/** Whether there is something that the asker doesn't have. */
export function isNew(text: MergedText, { revision, held }: TextRequest): boolean {
  if (text.revision !== revision) return true;
  return held.some(([id = 0, ...ends]) => {
    const parts = [...(messageOf(text, id)?.parts.values() ?? [])];
    return parts.some(({ text: { end } }, at) => end > (ends[at] ?? 0));
  });
}

/** What the asker doesn't have, the newest first where it is too much for one answer. */
export function newsOf(
  text: MergedText,
  request: TextRequest,
  hasTimes: boolean,
): Pick<TextAnswer, 'first' | 'from' | 'messages'> {
  const first = text.gone + 1;
  const from = Math.max(first, request.from ?? first + text.messages.length - newestMessages);
  const held = new Map(request.held.map(([id = 0, ...ends]) => [id, ends]));
  const messages: MessageView[] = [];
  let room = mostText;
  for (const message of text.messages.slice(from - first).toReversed()) {
    if (message.revision <= request.revision && !held.has(message.id)) continue;
    const view = messageView(message, held.get(message.id) ?? [], room, hasTimes);
    for (const part of view.parts) room -= part.text.length;
    messages.push(view);
  }
  return { first, from, messages: messages.reverse() };
}

function messageOf(text: MergedText, id: number): Message | undefined {
  return text.messages[id - text.gone - 1];
}

function messageView(
  message: Message,
  ends: readonly number[],
  room: number,
  hasTimes: boolean,
): MessageView {
  const { id, position, attempt, state, afterReconnect, resumed, leftOut, usage, pieces } = message;
  const { choice, model, role, finishReason, error } = message;
  let left = room;
  const parts = [...message.parts.values()].map((part, at) => {
    const view = partView(part, ends[at] ?? 0, left, hasTimes);
    left -= view.text.length;
    return view;
  });
  return {
    ...{ id, position, attempt, state, afterReconnect, resumed, leftOut, deltas: pieces, parts },
    ...(message.isOneOfSeveral ? { choice } : {}),
    ...(model === undefined ? {} : { model }),
    ...(role === undefined ? {} : { role }),
    ...(hasTimes ? timesOf(message) : {}),
    ...(usage === undefined ? {} : { tokens: usage.output }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(error === undefined ? {} : { error }),
  };
}

function timesOf(message: Message): Pick<MessageView, 'startedAt' | 'timeToFirstToken' | 'speed'> {
  const speed = speedOf(message);
  const first = timeToFirstToken(message);
  return {
    startedAt: message.startedAt,
    ...(first === undefined ? {} : { timeToFirstToken: first }),
    ...(speed === undefined ? {} : { speed }),
  };
}

function partView(
  { kind, text, name, callId, firstAt, lastAt }: Part,
  held: number,
  room: number,
  hasTimes: boolean,
): PartView {
  const from = Math.min(Math.max(held, text.start), text.end);
  return {
    kind,
    ...(name === undefined ? {} : { name }),
    ...(callId === undefined ? {} : { callId }),
    ms: hasTimes && firstAt !== undefined && lastAt !== undefined ? lastAt - firstAt : 0,
    start: text.start,
    end: text.end,
    from,
    text: text.slice(from, room),
  };
}
