// What the shapes make of an event: one vocabulary, whoever sent it. A shape knows nothing of what came before.

/** An event as a shape reads it. */
export interface DeltaEvent {
  type: string;
  /** The data, parsed; undefined where it isn't JSON. */
  json: unknown;
}

export type ReadDeltas = (event: DeltaEvent) => Delta[];

/** What an event says of one message, or of all that run. */
export interface Delta {
  /** The id of the response, where the event names it; otherwise the one under way is meant. */
  response?: string | undefined;
  /** Which of the answers that run at once. Missing: all of the response, for usage and end marks. */
  choice?: number | undefined;
  /** A message begins, unless it is known already. */
  begins?: boolean;
  model?: string | undefined;
  role?: string | undefined;
  pieces?: Piece[];
  finishReason?: string | undefined;
  /** The end mark: nothing is missing. */
  ends?: boolean;
  usage?: Usage | undefined;
  /** The model, or who runs it, failed; in its own words. */
  error?: string | undefined;
}

export interface Usage {
  /** Tokens of the answer so far, those of `reasoning` included. */
  output: number;
  reasoning: number;
}

export type PartKind = 'text' | 'thinking' | 'refusal' | 'toolCall';

/** What an event adds to one part of a message. */
export interface Piece {
  /** Tells the parts of one message apart. */
  part: string;
  kind: PartKind;
  /** For a tool call: its arguments. */
  text: string;
  /** Of a tool. */
  name?: string | undefined;
  /** By which a tool's answer will refer to the call. */
  callId?: string | undefined;
  /** `text` is all of the part: it counts where nothing of the part came before. */
  isWhole?: boolean;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object to look into; an empty one where it is none. Read own, known names only. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a text with something in it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const longestWord = 200;

/** A name, an id, a reason: what is far too long for one is cut off. */
export function wordOf(value: unknown): string | undefined {
  return textOf(value)?.slice(0, longestWord);
}

/** A tool's arguments: JSON in pieces of text, or from some servers as the value itself. */
export function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const isThere = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  return isThere ? JSON.stringify(value) : '';
}

export function indexOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** What an error says: `{ message }`, `{ error: { message } }`, or a text. */
export function errorOf(value: unknown): string | undefined {
  if (typeof value === 'string') return textOf(value);
  const { message, type, code } = objectOf(value);
  const kind = wordOf(type) ?? wordOf(code);
  const said = textOf(message);
  return said && kind ? `${said} (${kind})` : (said ?? kind);
}
