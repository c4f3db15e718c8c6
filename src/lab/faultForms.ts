// What a person is asked for to make a fault: read off the schemas, so that a new kind has its form.
import * as v from 'valibot';
import { type Fault, type FaultName, faultSchema } from './faultKinds.ts';

export interface FaultForm {
  kind: FaultName;
  title: string;
  /** A sentence. */
  does: string;
  fields: readonly FaultField[];
}

/** One parameter. */
export interface FaultField {
  name: string;
  /** A sentence or several. */
  description: string;
  /** `list`: header fields, each a text of its own, "Name: value". */
  input: 'text' | 'list' | 'choice';
  /** Of a choice; what one does is empty where the description doesn't say. */
  choices: readonly { value: string; does: string }[];
  /** What stands there at first, and counts where nothing is given; undefined: it must be given or may be left out. */
  initial: string | undefined;
  /** The value of what was typed: one text, of a list all. Undefined: left out. */
  read(...texts: string[]): FieldValue;
}

export type FieldValue = { ok: true; value: unknown } | { ok: false; problem: string };

export const faultForms: readonly FaultForm[] = faultSchema.options.map(({ entries }) => {
  const { kind, ...fields } = entries;
  return {
    kind: kind.literal,
    title: v.getTitle(kind) ?? kind.literal,
    does: v.getDescription(kind) ?? '',
    fields: Object.entries(fields).map(([name, schema]) => fieldOf(name, schema)),
  };
});

/** The fault of a form that was filled in. Throws where the schema doesn't take it. */
export function faultOf(kind: FaultName, values: Readonly<Record<string, unknown>>): Fault {
  return v.parse(faultSchema, { ...values, kind });
}

type Schema = v.GenericSchema<unknown, unknown>;
type Wrapped = Schema & { wrapped?: Schema; default?: unknown; options?: readonly string[] };

function fieldOf(name: string, schema: Wrapped): FaultField {
  const isOptional = schema.type === 'optional';
  const inner: Wrapped = schema.wrapped ?? schema;
  const input = inner.type === 'picklist' ? 'choice' : inner.type === 'array' ? 'list' : 'text';
  const initial = schema.default;
  const description = v.getDescription(schema) ?? v.getDescription(inner) ?? '';
  return {
    name,
    description,
    input,
    choices: (inner.options ?? []).map((value) => ({ value, does: said(description, value) })),
    initial: typeof initial === 'string' || typeof initial === 'number' ? String(initial) : undefined,
    read(...texts) {
      const given = texts.filter((text) => text.trim() !== '');
      if (given.length === 0 && isOptional) return { ok: true, value: undefined };
      const value = input === 'list' ? given.map(headerOf) : typed(inner, given[0] ?? '');
      const result = v.safeParse(inner, value);
      return result.success
        ? { ok: true, value: result.output }
        : { ok: false, problem: problemOf(result.issues[0] as v.BaseIssue<unknown>) };
    },
  };
}

/** What a description says of one of its choices: `"end": the stream ends.` */
function said(description: string, choice: string): string {
  const [, text = ''] = description.split(`"${choice}": `);
  const sentence = text.split(/(?<=\.) "/)[0] ?? '';
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function typed({ type }: Schema, text: string): unknown {
  return type === 'number' ? (text.trim() === '' ? Number.NaN : Number(text)) : text;
}

/** "Name: value" */
function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text.trim(), ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function problemOf({ type, requirement, message }: v.BaseIssue<unknown>): string {
  switch (type) {
    case 'number':
      return 'It must be a number.';
    case 'integer':
      return 'It must be a whole number.';
    case 'min_value':
      return `It must be at least ${requirement}.`;
    case 'max_value':
      return `It must be at most ${requirement}.`;
    case 'max_length':
      return `It must be no longer than ${requirement}.`;
    default:
      return message;
  }
}
