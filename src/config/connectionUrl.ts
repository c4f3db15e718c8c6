import { parameterName, parameters } from '../auth/placement.ts';
import { AppError } from '../base/errors.ts';
import { displayUrl, isSecretParameter, looksLikeJwt } from '../base/redaction.ts';

/** Checks a connection's URL. Throws AppError `url.unparsable`, `url.scheme` or `url.credentials`. */
export function parseConnectionUrl(text: string): URL {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) throw new AppError('url.unparsable', { url: trimmed.slice(0, 200) });
  const url = new URL(trimmed);
  const shown = displayUrl(trimmed).slice(0, 200);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AppError('url.scheme', { url: shown, scheme: url.protocol.slice(0, -1) });
  }
  if (url.username !== '' || url.password !== '') throw new AppError('url.credentials', { url: shown });
  url.hash = '';
  return url;
}

/** A token that stands in a URL's query, taken out of it: the likeliest one. Undefined where there is none. */
export function takeTokenFromUrl(url: URL): { url: URL; parameter: string; token: string } | undefined {
  let best: { parameter: string; token: string } | undefined;
  for (const [parameter, token] of url.searchParams) {
    const likelihood = tokenLikelihood(parameter, token);
    if (likelihood > (best ? tokenLikelihood(best.parameter, best.token) : 0)) best = { parameter, token };
  }
  if (!best) return undefined;
  const { parameter } = best;
  const clean = new URL(url);
  clean.search = parameters(url)
    .filter((text) => parameterName(text) !== parameter)
    .join('&');
  return { url: clean, ...best };
}

function tokenLikelihood(parameter: string, value: string): number {
  if (value === '') return 0;
  if (looksLikeJwt(value)) return 3;
  if (!isSecretParameter(parameter)) return 0;
  return /token|jwt$/i.test(parameter) ? 2 : 1;
}
