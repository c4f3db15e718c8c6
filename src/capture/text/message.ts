import type { PartKind, Usage } from './deltas.ts';
import { GrowingText } from './growingText.ts';

/** One answer of a model, as far as it has come. Times are epoch milliseconds. */
export interface Message {
  /** From 1, in the order in which messages began. */
  readonly id: number;
  /** The capture's record that began it. */
  readonly position: number;
  /** When its request was sent; for a further message of the same stream, its first event. */
  readonly startedAt: number;
  /** The request that brought the last of it. */
  attempt: number;
  readonly choice: number;
  /** There are others of the same response. */
  isOneOfSeveral: boolean;
  response: string | undefined;
  model: string | undefined;
  role: string | undefined;
  /** When the first and the last piece came, of whatever kind. */
  firstAt: number | undefined;
  lastAt: number | undefined;
  pieces: number;
  usage: Usage | undefined;
  state: MessageState;
  /** In the provider's words. */
  finishReason: string | undefined;
  error: string | undefined;
  /** A reconnect began it: what the request before had brought of it isn't in here. */
  readonly afterReconnect: boolean;
  /** It was cut, and a later request went on with it. */
  resumed: boolean;
  /** In the order of their beginnings. */
  readonly parts: Map<string, Part>;
  /** Pieces of parts beyond the bound. */
  leftOut: number;
  /** Of the merged text, when this message changed last. */
  revision: number;
}

/** `cut`: the stream ended before the end mark. */
export type MessageState = 'streaming' | 'finished' | 'cut' | 'failed';

export interface Part {
  readonly kind: PartKind;
  readonly text: GrowingText;
  name: string | undefined;
  callId: string | undefined;
  firstAt: number | undefined;
  lastAt: number | undefined;
}

/** A message of which nothing has come yet. */
export function newMessage(
  known: Pick<
    Message,
    'id' | 'position' | 'startedAt' | 'attempt' | 'choice' | 'response' | 'isOneOfSeveral' | 'afterReconnect'
  >,
): Message {
  const unknown = undefined;
  return {
    ...known,
    model: unknown,
    role: unknown,
    firstAt: unknown,
    lastAt: unknown,
    pieces: 0,
    usage: unknown,
    state: 'streaming',
    finishReason: unknown,
    error: unknown,
    resumed: false,
    parts: new Map(),
    leftOut: 0,
    revision: 0,
  };
}

export function newPart(kind: PartKind): Part {
  const unknown = undefined;
  return {
    kind,
    text: new GrowingText(),
    name: unknown,
    callId: unknown,
    firstAt: unknown,
    lastAt: unknown,
  };
}

/** Times are whole milliseconds: over less than this a speed would be chance. */
const leastMs = 20;

/** Milliseconds from the request to the first piece. */
export function timeToFirstToken({ startedAt, firstAt }: Message): number | undefined {
  return firstAt === undefined ? undefined : Math.max(0, firstAt - startedAt);
}

/** A second's worth between the first piece and the last: of tokens where the stream counts them, otherwise of pieces. */
export function speedOf(message: Message): { perSecond: number; of: 'tokens' | 'deltas' } | undefined {
  const { firstAt, lastAt, pieces } = message;
  if (firstAt === undefined || lastAt === undefined || lastAt - firstAt < leastMs) return undefined;
  const seconds = (lastAt - firstAt) / 1_000;
  const tokens = tokensInPieces(message);
  return tokens === undefined
    ? { perSecond: (pieces - 1) / seconds, of: 'deltas' }
    : { perSecond: tokens / seconds, of: 'tokens' };
}

/** What was thought in secret came in no piece. Usage is told of a response, not of one choice among several. */
function tokensInPieces({ usage, parts, isOneOfSeveral }: Message): number | undefined {
  if (!usage || isOneOfSeveral) return undefined;
  const isThinkingSeen = [...parts.values()].some(({ kind }) => kind === 'thinking');
  return isThinkingSeen ? usage.output : usage.output - usage.reasoning;
}
