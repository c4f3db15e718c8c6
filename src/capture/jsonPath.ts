import { JSONPathEnvironment, type JSONPathQuery, jsonpath } from 'json-p3';

/** A JSON path (RFC 9535), compiled once for many documents. */
export interface JsonPath {
  /** The values it leads to, in document order; none where the document is nested too deeply for it. */
  values(document: unknown): unknown[];
  /** The first of them; undefined for none. */
  first(document: unknown): unknown;
  /**
   * Where the first of them are, as keys and indexes from the root on. Of what a filter at the path's end finds: where
   * what it asks about is, as `price` in `$.orders[?@.price > 100]`.
   */
  locations(document: unknown, most: number): Location[];
}

export type Location = readonly (string | number)[];

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
  const asked = query.segments.at(-1)?.selectors.flatMap(askedBy) ?? [];
  return {
    values: (document) => unlessTooDeep(() => query.query(document as Document).values()) ?? [],
    first: (document) => unlessTooDeep(() => query.match(document as Document)?.value),
    locations: (document, most) => unlessTooDeep(() => locationsOf(query, asked, document, most)) ?? [],
  };
}

function locationsOf(
  query: JSONPathQuery,
  asked: readonly JSONPathQuery[],
  document: unknown,
  most: number,
): Location[] {
  const found: Location[] = [];
  for (const { value, location } of query.lazyQuery(document as Document)) {
    const within = asked.flatMap((path) => path.query(value).locations());
    // A filter may ask about nothing that is there: `[?!@.price]`.
    found.push(...(within.length > 0 ? within.map((inner) => [...location, ...inner]) : [location]));
    if (found.length >= most) return found.slice(0, most);
  }
  return found;
}

/** The paths that a filter asks about in each candidate. */
function askedBy(part: unknown): JSONPathQuery[] {
  const { selectors, expressions } = jsonpath;
  if (part instanceof selectors.FilterSelector) return askedBy(part.expression);
  if (part instanceof expressions.LogicalExpression) return askedBy(part.expression);
  if (part instanceof expressions.PrefixExpression) return askedBy(part.right);
  if (part instanceof expressions.InfixExpression) return [part.left, part.right].flatMap(askedBy);
  if (part instanceof expressions.FunctionExtension) return part.args.flatMap(askedBy);
  return part instanceof expressions.RelativeQuery ? [part.path] : [];
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
