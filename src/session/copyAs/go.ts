import type { SnippetRequest } from './snippetRequest.ts';
import {
  bytesOf,
  type EnvPart,
  envPartsOf,
  escapeText,
  hex,
  type Template,
  textOfBytes,
} from './template.ts';

const inJson = `
// inJSON escapes a text for the inside of a JSON string.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted[1 : len(quoted)-1])
}
`;

const reading = `	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		log.Fatalf("%s: %s", response.Status, body)
	}

	reader := bufio.NewReader(response.Body)
	event := map[string]string{}
	for {
		line, err := reader.ReadString('\\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		field, value, _ := strings.Cut(strings.TrimRight(line, "\\r\\n"), ":")
		value = strings.TrimPrefix(value, " ")
		data, hasData := event["data"]
		switch {
		case field == "data" && hasData:
			event["data"] = data + "\\n" + value
		case field != "":
			event[field] = value
		case line[0] != ':':
			if hasData {
				fmt.Println(event)
			}
			event = map[string]string{}
		}
	}
}
`;

/** The request as a Go program on the standard library. */
export function goSnippet({ url, method, headers, body, tls, variables }: SnippetRequest): string {
  const uses = new Set(envPartsOf([url, body ?? []]).map(({ as }) => as));
  const imports = [
    'bufio',
    ...(uses.has('json') ? ['encoding/json'] : []),
    ...['fmt', 'io', 'log', 'net/http'],
    ...(uses.has('url') ? ['net/url'] : []),
    ...(variables.length > 0 ? ['os'] : []),
    'strings',
  ];
  return [
    'package main',
    '',
    'import (',
    ...imports.map((name) => `\t"${name}"`),
    ')',
    ...(uses.has('json') ? [inJson.trimEnd()] : []),
    '',
    'func main() {',
    ...(tls ? ["\t// The connection's certificates are left out: see tls.Config of http.Transport."] : []),
    `\trequest, err := http.NewRequest(${goString(method)}, ${urlText(url)}, ${bodyText(body)})`,
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    ...headers.map(([name, value]) =>
      name.toLowerCase() === 'host'
        ? `\trequest.Host = ${headerText(value)}`
        : `\trequest.Header.Set(${goString(name)}, ${headerText(value)})`,
    ),
    '\tresponse, err := http.DefaultClient.Do(request)',
    reading,
  ].join('\n');
}

function bodyText(body: Template | undefined): string {
  return body ? `strings.NewReader(${goText(body)})` : 'nil';
}

/** What a space becomes differs between a path and a query. */
function urlText(url: Template): string {
  let inQuery = false;
  return concatenated(url, (part) => {
    if (typeof part !== 'string') {
      return part.as === 'url' ? `url.${inQuery ? 'Query' : 'Path'}Escape(${value(part)})` : value(part);
    }
    inQuery ||= part.includes('?');
    return goString(part);
  });
}

function headerText(template: Template): string {
  return concatenated(template, (part) => {
    if (typeof part !== 'string') return value(part);
    const text = textOfBytes(part);
    return text === undefined ? bytesText(bytesOf(part)) : goString(text);
  });
}

/** A template as an expression of Go. */
export function goText(template: Template): string {
  return concatenated(template, (part) => (typeof part === 'string' ? goString(part) : value(part)));
}

function concatenated(template: Template, text: (part: Template[number]) => string): string {
  return template.length === 0 ? '""' : template.map(text).join('+');
}

/** Between backticks where that is easier to read. */
function goString(text: string): string {
  const escaped = escapeText(text, '"');
  const isRaw = escaped !== text && escapeText(text, '`') === text;
  return isRaw ? `\`${text}\`` : `"${escaped}"`;
}

function bytesText(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    return byte < 0x20 || byte > 0x7e ? `\\x${hex(byte, 2)}` : character;
  });
  return `"${characters.join('')}"`;
}

function value({ env, as }: EnvPart): string {
  const value = `os.Getenv(${goString(env)})`;
  return as === 'json' ? `inJSON(${value})` : value;
}
