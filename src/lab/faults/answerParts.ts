import * as v from 'valibot';

/** A header field's value (RFC 9110 section 5.5), as it may be sent. */
export const headerText = v.pipe(
  v.string(),
  v.maxLength(8_192),
  v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'A header value is one line.'),
);

/** Fields with their names (RFC 9110 section 5.1). */
export const headerList = v.pipe(
  v.array(
    v.strictTuple([
      v.pipe(
        v.string(),
        v.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/, 'A header name has letters, digits and dashes.'),
      ),
      headerText,
    ]),
  ),
  v.maxLength(100),
);

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  425: 'Too Early',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The words of a status (RFC 9110 section 15); empty for one that has none here. */
export function statusText(status: number): string {
  return reasons[status] ?? '';
}
