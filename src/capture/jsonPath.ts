import { JSONPathEnvironment, type JSONPathQuery } from 'json-p3';

/** A JSON path (RFC 9535), compiled once for many documents. */
export interface JsonPath {
  /** The values it leads to, in document order; none where the document is nested too deeply for it. */
  values(document: unknown): unknown[];
}

const environment = new JSONPathEnvironment();
// Their patterns run as the platform's regular expressions: one that backtracks would block everything else.
environment.functionRegister.delete('match');
environment.functionRegister.delete('search');

/** Throws an Error that says what is wrong, and where, if the text is no JSON path. */
export function compileJsonPath(text: string): JsonPath {
  const query = compile(text);
  return {
    values(document) {
      try {
        return query.query(document as Parameters<JSONPathQuery['query']>[0]).values();
      } catch {
        // The one error there is once it is compiled: the limit of `..`, which keeps it off the end of the stack.
        return [];
      }
    },
  };
}

function compile(text: string): JSONPathQuery {
  // The library has a message of its own for this, about its insides.
  if (!text.startsWith('$')) throw new Error('A JSON path begins with $, as in $.delta.text.');
  return environment.compile(text);
}
