import type { SnippetRequest } from './snippetRequest.ts';
import { type EnvPart, envPartsOf, escapeText, quoteFor, type Template } from './template.ts';

const events = `def events(chunks):
    """The events of a stream of bytes, each a dict of its fields."""
    buffer, event = bytearray(), {}
    for chunk in chunks:
        buffer += chunk
        if b"\\n" not in chunk and b"\\r" not in chunk:
            continue
        # A CR at the end may be half of a CRLF.
        *lines, rest = re.split(rb"\\r\\n|\\n|\\r(?!\\Z)", buffer)
        buffer = bytearray(rest)
        for line in lines:
            field, _, value = line.decode("utf-8", "replace").partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "data" and "data" in event:
                event["data"] += "\\n" + value
            elif field:
                event[field] = value
            elif not line:
                if "data" in event:
                    yield event
                event = {}
`;

/** The request as a Python program on requests. */
export function requestsSnippet(request: SnippetRequest): string {
  const { ca, cert, key } = request.tls ?? {};
  const pair = cert !== undefined && key !== undefined ? `(${pyString(cert)}, ${pyString(key)})` : undefined;
  return program('requests', request, [
    'with requests.request(',
    ...argumentsOf(request, 'data'),
    ...(ca === undefined ? [] : [`    verify=${pyString(ca)},`]),
    ...(cert === undefined ? [] : [`    cert=${pair ?? pyString(cert)},`]),
    '    stream=True,',
    ') as response:',
    '    response.raise_for_status()',
    '    # One byte at a time: nothing waits until a buffer is full.',
    '    for event in events(response.iter_content(chunk_size=1)):',
    '        print(event, flush=True)',
  ]);
}

/** The request as a Python program on httpx. */
export function httpxSnippet(request: SnippetRequest): string {
  return program('httpx', request, [
    ...(request.tls ? ["# The connection's certificates are left out: see verify of httpx.", ''] : []),
    'with httpx.stream(',
    ...argumentsOf(request, 'content'),
    '    timeout=httpx.Timeout(10, read=None),',
    ') as response:',
    '    response.raise_for_status()',
    '    for event in events(response.iter_bytes()):',
    '        print(event, flush=True)',
  ]);
}

function program(library: string, { url, body, variables }: SnippetRequest, main: string[]): string {
  const uses = new Set(envPartsOf([url, body ?? []]).map(({ as }) => as));
  return [
    ...(uses.has('json') ? ['import json'] : []),
    ...(variables.length > 0 ? ['import os'] : []),
    'import re',
    ...(uses.has('url') ? ['from urllib.parse import quote'] : []),
    '',
    `import ${library}`,
    '',
    '',
    events,
    '',
    ...main,
    '',
  ].join('\n');
}

function argumentsOf({ method, url, headers, body }: SnippetRequest, content: string): string[] {
  return [
    `    ${pyString(method)},`,
    `    ${pyText(url)},`,
    '    headers={',
    ...headers.map(([name, value]) => `        ${pyString(name)}: ${headerText(value)},`),
    '    },',
    ...(body ? [`    ${content}=${pyText(body)}.encode(),`] : []),
  ];
}

/** Bytes where httpx would not find any by itself. */
function headerText(value: Template): string {
  const isAscii = value.every((part) => typeof part !== 'string' || /^[\t\x20-\x7e]*$/.test(part));
  return isAscii ? pyText(value) : `${pyText(value)}.encode("latin-1")`;
}

/** A template as an expression of Python. */
export function pyText(template: Template): string {
  const [first = '', ...rest] = template;
  if (rest.length === 0) return typeof first === 'string' ? pyString(first) : value(first, '"');
  const text = template.filter((part) => typeof part === 'string').join('');
  const quote = quoteFor(text, '"');
  // Before Python 3.12 those within must be others.
  const within = quote === '"' ? "'" : '"';
  const parts = template.map((part) =>
    typeof part === 'string' ? escapeText(part, quote).replace(/[{}]/g, '$&$&') : `{${value(part, within)}}`,
  );
  return `f${quote}${parts.join('')}${quote}`;
}

function pyString(text: string): string {
  const quote = quoteFor(text, '"');
  return `${quote}${escapeText(text, quote)}${quote}`;
}

function value({ env, as }: EnvPart, quote: string): string {
  const value = `os.environ[${quote}${escapeText(env, quote)}${quote}]`;
  if (as === 'url') return `quote(${value}, safe=${quote}${quote})`;
  return as === 'json' ? `json.dumps(${value})[1:-1]` : value;
}
