import type { HeaderList } from '../base/headers.ts';

/** Where a token goes in the request. */
export type Placement = 'header' | 'query' | 'cookie' | 'none';

export interface AuthSettings {
  placement: Placement;
  /** Header, parameter or cookie name. */
  name: string;
  /** Header only: stands before the token; empty for a bare value. */
  scheme: string;
}

/** Names where the settings give none. */
export const defaultCredentialName: Record<Placement, string> = {
  header: 'Authorization',
  query: 'token',
  cookie: 'access_token',
  none: '',
};

/**
 * Puts a token into a request: RFC 6750 section 2.1 (header) and 2.3 (query), RFC 6265 section 4.2 (cookie).
 * A header or cookie of the same name that the settings have is replaced.
 */
export function placeToken(
  request: { url: string; headers: HeaderList },
  auth: AuthSettings,
  token: string,
): { url: string; headers: HeaderList } {
  switch (auth.placement) {
    case 'header': {
      const value = auth.scheme === '' ? token : `${auth.scheme} ${token}`;
      const others = request.headers.filter(([name]) => name.toLowerCase() !== auth.name.toLowerCase());
      return { ...request, headers: [...others, [auth.name, value]] };
    }
    case 'query': {
      const url = new URL(request.url);
      // Not by URLSearchParams, which would write the other parameters anew ("%20" as "+", "?a" as "?a=").
      const others = parameters(url).filter((parameter) => parameterName(parameter) !== auth.name);
      url.search = [...others, `${encodeURIComponent(auth.name)}=${encodeURIComponent(token)}`].join('&');
      return { ...request, url: url.href };
    }
    case 'cookie': {
      const isCookie = ([name]: readonly [string, string]): boolean => name.toLowerCase() === 'cookie';
      const pairs = request.headers
        .filter(isCookie)
        .flatMap(([, value]) => value.split(';'))
        .map((pair) => pair.trim())
        .filter((pair) => pair !== '' && pair.split('=', 1)[0] !== auth.name);
      const cookie = [...pairs, `${auth.name}=${token}`].join('; ');
      return { ...request, headers: [...request.headers.filter((h) => !isCookie(h)), ['Cookie', cookie]] };
    }
    case 'none':
      return request;
  }
}

/** The parameters of a URL's query as they are written. */
export function parameters(url: URL): string[] {
  return url.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '');
}

export function parameterName(parameter: string): string {
  const [name] = new URLSearchParams(parameter).keys();
  return name ?? '';
}
