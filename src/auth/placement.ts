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
      url.searchParams.set(auth.name, token);
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
