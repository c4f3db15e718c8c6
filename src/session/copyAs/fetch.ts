import { jsEnv, jsName, jsString, jsText } from './javascript.ts';
import type { SnippetRequest } from './snippetRequest.ts';

/** Fields that a browser keeps to itself (Fetch standard, "forbidden request-header"). */
const forbidden = new Set(
  `accept-charset accept-encoding access-control-request-headers access-control-request-method connection
  content-length cookie cookie2 date dnt expect host keep-alive origin referer te trailer transfer-encoding
  upgrade via`.split(/\s+/),
);

const reading = `if (!response.ok) throw new Error(\`\${response.status} \${await response.text()}\`);

const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
let buffer = '';
for (let read = await reader.read(); !read.done; read = await reader.read()) {
  const blocks = (buffer + read.value).split(/\\r\\n\\r\\n|\\n\\n|\\r\\r/);
  buffer = blocks.pop();
  for (const block of blocks) {
    const event = {};
    for (const line of block.split(/\\r\\n|\\n|\\r/)) {
      const [, field, value] = /^([^:]+):? ?(.*)$/s.exec(line) ?? [];
      if (field) event[field] = field === 'data' && 'data' in event ? \`\${event.data}\\n\${value}\` : value;
    }
    if ('data' in event) console.log(event);
  }
}
`;

/** The request as JavaScript for Node and browsers: a module that reads the stream. */
export function fetchSnippet({ url, method, headers, body, tls, variables }: SnippetRequest): string {
  const notes: string[] = [];
  const kept = headers.map(([name]) => name).filter((name) => isForbidden(name));
  if (kept.length > 0) {
    notes.push(`// A browser lets no code send ${kept.map(jsString).join(', ')}: Node does.`);
  }
  const hasCookie = kept.some((name) => name.toLowerCase() === 'cookie');
  if (hasCookie) notes.push("// There credentials: 'include' sends the cookies that it has for the server.");
  const takesBody = method !== 'GET' && method !== 'HEAD';
  if (body && !takesBody) notes.push(`// fetch sends no body with ${method}: it is left out.`);
  if (tls) notes.push("// The connection's certificates are left out; Node reads NODE_EXTRA_CA_CERTS.");
  return [
    ...notes,
    ...jsEnv(variables),
    `const response = await fetch(${jsText(url)}, {`,
    ...(method === 'GET' ? [] : [`  method: ${jsString(method)},`]),
    '  headers: {',
    ...headers.map(([name, value]) => `    ${jsName(name)}: ${jsText(value)},`),
    '  },',
    ...(body && takesBody ? [`  body: ${jsText(body)},`] : []),
    ...(hasCookie ? ["  credentials: 'include',"] : []),
    '});',
    reading,
  ].join('\n');
}

function isForbidden(name: string): boolean {
  return forbidden.has(name.toLowerCase()) || /^(?:sec|proxy)-/i.test(name);
}
