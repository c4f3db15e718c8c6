// What the settings of a stream and of a token endpoint have in common: parts of an HTTP request.
import * as v from 'valibot';
import { fieldValue } from './substitute.ts';

export const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function described<S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

export const headersSchema = v.optional(
  described(
    v.record(
      v.pipe(v.string(), v.regex(fieldName, 'is not a header name that HTTP allows')),
      v.pipe(v.string(), v.regex(fieldValue, 'is not a header value that HTTP allows')),
    ),
    `Extra request headers. Keep credentials out of here: use "auth", or "\${secret:NAME}".`,
  ),
  {},
);

export const bodySchema = v.optional(
  described(
    // The list before the object, which would take a list, too.
    v.union([v.string(), v.array(v.unknown()), v.record(v.string(), v.unknown())]),
    'The request body: a string as it is, anything else as JSON.',
  ),
);

/** The name of the field that a credential goes into. */
export const nameSchema = v.optional(
  described(
    v.pipe(v.string(), v.regex(fieldName, 'is not a name that HTTP allows')),
    'Name of the header, query parameter or cookie. Defaults: Authorization, token, access_token.',
  ),
);

export const schemeSchema = v.optional(
  described(
    v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, 'is not a scheme that HTTP allows')),
    'Header only: what stands before the token. "" for a bare value.',
  ),
  'Bearer',
);

/** A request as it is written, with variables in URL, headers and body. */
export interface RequestTemplate {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** The media type that `body` needs where no header names one. */
  bodyType: string | undefined;
}

/** The media type of a body that the settings give as JSON: what is filled in there is escaped for JSON. */
export const jsonBody = 'application/json';

export function completeBody(body: unknown): Pick<RequestTemplate, 'body' | 'bodyType'> {
  if (body === undefined) return { body: undefined, bodyType: undefined };
  return typeof body === 'string'
    ? { body, bodyType: 'text/plain;charset=utf-8' }
    : { body: JSON.stringify(body), bodyType: jsonBody };
}
