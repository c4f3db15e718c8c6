// curl's command line (curl.se/docs/manpage.html) as far as it says what is sent. Pure.

export interface CurlOptions {
  urls: string[];
  method: string | undefined;
  /** As they were given, in order; a value of undefined: the header that curl would send is taken out. */
  headers: [name: string, value: string | undefined][];
  /** The parts of the body, joined with "&" but for --json. */
  data: string[];
  isJson: boolean;
  /** --get: the data belongs into the query. */
  inQuery: boolean;
  cookies: string[];
  user: string | undefined;
  bearer: string | undefined;
  tls: { ca?: string; cert?: string; key?: string };
  /** What had to be left out, in words that hold no value of the command. */
  notes: string[];
}

type Take = (options: CurlOptions, value: string) => void;

const header =
  (name: string): Take =>
  (options, value) =>
    void options.headers.push([name, value]);

const data: Take = (options, value) => {
  if (value.startsWith('@')) options.notes.push('data from a file is left out');
  else options.data.push(value);
};

/** Options with a value that count. */
const taken: Record<string, Take> = {
  url: (options, value) => void options.urls.push(value),
  request: (options, value) => {
    options.method = value;
  },
  header: (options, value) => {
    const [, name = '', mark, rest = ''] = /^\s*([^:;]*?)\s*([:;])([\s\S]*)$/.exec(value) ?? [];
    if (value.startsWith('@') || name === '') options.notes.push('a header that is none is left out');
    else if (mark === ';') options.headers.push([name, '']);
    else options.headers.push([name, rest.trim() === '' ? undefined : rest.trim()]);
  },
  data,
  'data-ascii': data,
  'data-binary': data,
  'data-raw': (options, value) => void options.data.push(value),
  'data-urlencode': (options, value) => {
    const [, name = '', mark, content = ''] = /^([^=@]*)([=@])([\s\S]*)$/.exec(value) ?? [];
    if (mark === '@') options.notes.push('data from a file is left out');
    else if (mark === undefined) options.data.push(encodeURIComponent(value));
    else options.data.push(`${name === '' ? '' : `${name}=`}${encodeURIComponent(content)}`);
  },
  json: (options, value) => {
    data(options, value);
    options.isJson = true;
  },
  cookie: (options, value) => {
    if (value.includes('=')) options.cookies.push(value);
    else if (value !== '') options.notes.push('cookies from a file are left out');
  },
  user: (options, value) => {
    options.user = value;
  },
  'oauth2-bearer': (options, value) => {
    options.bearer = value;
  },
  'user-agent': header('User-Agent'),
  referer: (options, value) => header('Referer')(options, value.replace(/;auto$/, '')),
  range: (options, value) => header('Range')(options, `bytes=${value}`),
  cacert: (options, value) => {
    options.tls.ca = value;
  },
  cert: (options, value) => {
    options.tls.cert = value.replace(/:(?![\\/])[^:]*$/, '');
  },
  key: (options, value) => {
    options.tls.key = value;
  },
};

/** Options with a value that change nothing of the request, or what VS Code's settings decide. */
const ignoredWithValue = new Set(
  `output max-time connect-timeout proxy proxy-user noproxy cookie-jar write-out retry retry-delay retry-max-time
  limit-rate speed-limit speed-time max-redirs interface resolve connect-to dns-servers keepalive-time max-filesize
  ciphers tls13-ciphers tls-max cert-type key-type stderr trace trace-ascii dump-header output-dir happy-eyeballs-timeout-ms
  expect100-timeout local-port preproxy socks5 socks5-hostname socks4 socks4a unix-socket abstract-unix-socket`.split(
    /\s+/,
  ),
);
/** Options with a value that matter and aren't done. */
const unsupported = new Set(
  'form form-string upload-file config pass aws-sigv4 proto variable expand-url netrc-file request-target delegation login-options service-name range continue-at time-cond capath crlfile pinnedpubkey doh-url oauth2 engine'.split(
    ' ',
  ),
);
/** Switches that need no word: what they ask for is done anyway, or is about curl's own output. */
const silent = new Set(
  `location no-buffer silent show-error compressed include verbose fail fail-with-body globoff progress-bar http1.0
  http1.1 http2 http2-prior-knowledge http3 http0.9 tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 ipv4 ipv6 tcp-nodelay keepalive
  no-keepalive parallel path-as-is raw styled-output no-progress-meter basic remote-name ssl-no-revoke no-sessionid disable
  post301 post302 post303 http1.1 anyauth`.split(/\s+/),
);

const short: Record<string, string> = {
  X: 'request',
  H: 'header',
  d: 'data',
  b: 'cookie',
  u: 'user',
  A: 'user-agent',
  e: 'referer',
  G: 'get',
  I: 'head',
  k: 'insecure',
  E: 'cert',
  r: 'range',
  o: 'output',
  m: 'max-time',
  x: 'proxy',
  U: 'proxy-user',
  c: 'cookie-jar',
  w: 'write-out',
  y: 'speed-time',
  Y: 'speed-limit',
  D: 'dump-header',
  F: 'form',
  T: 'upload-file',
  K: 'config',
  C: 'continue-at',
  z: 'time-cond',
  L: 'location',
  N: 'no-buffer',
  s: 'silent',
  S: 'show-error',
  i: 'include',
  v: 'verbose',
  f: 'fail',
  g: 'globoff',
  O: 'remote-name',
  q: 'disable',
  '#': 'progress-bar',
  '0': 'http1.0',
  '1': 'tlsv1',
  '4': 'ipv4',
  '6': 'ipv6',
};

/** Reads the words behind `curl`. */
export function readCurlOptions(words: readonly string[]): CurlOptions {
  const options: CurlOptions = {
    urls: [],
    method: undefined,
    headers: [],
    data: [],
    isJson: false,
    inQuery: false,
    cookies: [],
    user: undefined,
    bearer: undefined,
    tls: {},
    notes: [],
  };
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word.startsWith('--') && word.length > 2) {
      const name = word.slice(2);
      if (takesValue(name)) useValue(options, name, queue.shift() ?? '');
      else flip(options, name);
    } else if (/^-[^-]/.test(word)) {
      // Switches may stand together, the last one with its value attached: -sXPOST.
      for (let i = 1; i < word.length; i++) {
        const name = short[word[i] as string] ?? (word[i] as string);
        if (!takesValue(name)) {
          flip(options, name);
          continue;
        }
        const attached = word.slice(i + 1);
        useValue(options, name, attached === '' ? (queue.shift() ?? '') : attached);
        break;
      }
    } else if (word.trim() !== '' && !/^--?$/.test(word)) {
      options.urls.push(word);
    }
  }
  return options;
}

function takesValue(name: string): boolean {
  return Object.hasOwn(taken, name) || ignoredWithValue.has(name) || unsupported.has(name);
}

function useValue(options: CurlOptions, name: string, value: string): void {
  if (Object.hasOwn(taken, name)) taken[name]?.(options, value);
  else if (unsupported.has(name)) options.notes.push(`${flag(name)} is left out`);
}

function flip(options: CurlOptions, name: string): void {
  if (name === 'get') options.inQuery = true;
  else if (name === 'head') options.method ??= 'HEAD';
  else if (name === 'insecure') {
    options.notes.push('-k is left out: certificates are checked as your settings say');
  } else if (!silent.has(name)) options.notes.push(`${flag(name)} is left out`);
}

/** A flag for a note; anything that doesn't look like one may be a misplaced value. */
function flag(name: string): string {
  if (!/^[a-z][a-z0-9.-]{0,30}$/i.test(name)) return 'an unknown option';
  return name.length === 1 ? `-${name}` : `--${name}`;
}
