import { JSONPathEnvironment, type JSONPathQuery } from 'json-p3';

/** A JSON path (RFC 9535), compiled once for many documents. */
export interface JsonPath {
  /** The values it leads to, in document order; none where the document is nested too deeply for it. */
  values(document: unknown): unknown[];
  /** The first of them; undefined for none. */
  first(document: unknown): unknown;
}

type Document = Parameters<JSONPathQuery['query']>[0];

const withPatterns = new JSONPathEnvironment();
const withoutPatterns = new JSONPathEnvironment();
// Their patterns run as the platform's regular expressions: one that backtracks would block everything else.
withoutPatterns.functionRegister.delete('match');
withoutPatterns.functionRegister.delete('search');

/**
 * Throws an Error that says what is wrong, and where, if the text is no JSON path.
 * @param canBeEnded whether it runs where a pattern that takes forever does no harm
 */
export function compileJsonPath(text: string, canBeEnded = false): JsonPath {
  const query = compile(text, canBeEnded ? withPatterns : withoutPatterns);
  return {
    values: (document) => unlessTooDeep(() => query.query(document as Document).values()) ?? [],
    first: (document) => unlessTooDeep(() => query.match(document as Document)?.value),
  };
}

function compile(text: string, environment: JSONPathEnvironment): JSONPathQuery {
  // The library has a message of its own for this, about its insides.
  if (!text.startsWith('$')) throw new Error('it begins with $, as in $.delta.text');
  return environment.compile(text);
}

/** There is one error once a path is compiled: the limit of `..`, which keeps it off the end of the stack. */
function unlessTooDeep<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
