import { quoteAll } from '../base/quote.ts';
import { claimOf, textsOf } from './claims.ts';
import type { DecodedJwt, DecodedToken } from './decode.ts';
import type { Finding, TokenContext } from './finding.ts';
import { isLoopbackHost } from './loopbackHost.ts';
import { lifetimeOf } from './timeFindings.ts';

/** The longest life that is fit for a URL, which logs keep. */
const urlLifetimeMs = 300_000;

/** What the token says against what the connection and its server want. */
export function fitFindings(
  { payload }: DecodedJwt,
  { expected = {}, askedAudience }: TokenContext,
): Finding[] {
  const found: Finding[] = [];
  const problem = { severity: 'error', remedy: 'token' } as const;
  const audiences = textsOf(claimOf(payload, 'aud'));
  const aud = audiences.length === 0 ? 'The token has no aud' : `aud is ${quoteAll(audiences)}`;
  const wrongAudience = { ...problem, code: 'wrongAudience', title: 'Wrong audience', claim: 'aud' } as const;
  const { audience, issuer } = expected;
  if (askedAudience !== undefined && !audiences.includes(askedAudience)) {
    const text = `${aud}; the server asked for ${quoteAll([askedAudience])} when it refused a token.`;
    found.push({ ...wrongAudience, text });
  } else if (audience !== undefined && !audiences.includes(audience)) {
    const text = `${aud}; the settings of the connection want ${quoteAll([audience])}.`;
    found.push({ ...wrongAudience, text });
  }
  const issuers = textsOf(claimOf(payload, 'iss'));
  if (issuer !== undefined && !issuers.includes(issuer)) {
    const iss = issuers.length === 0 ? 'The token has no iss' : `iss is ${quoteAll(issuers)}`;
    const text = `${iss}; the settings of the connection want ${quoteAll([issuer])}.`;
    found.push({ ...problem, code: 'wrongIssuer', title: 'Wrong issuer', text, claim: 'iss' });
  }
  return found;
}

/** Names under which a token is usually put into a URL. */
const urlParameter = /^(?:(?:access|id|auth|bearer)[-_]?)?token$|^jwt$/i;

function isInQuery(url: URL | null): boolean {
  const parameters = url === null ? [] : [...url.searchParams];
  return parameters.some(
    ([name, value]) => value !== '' && (urlParameter.test(name) || value.startsWith('eyJ')),
  );
}

export function travelFindings(token: DecodedToken, { url, placement }: TokenContext): Finding[] {
  if (placement === 'none') return [];
  const found: Finding[] = [];
  const parsed = url === undefined ? null : URL.parse(url);
  if (placement === 'query' || isInQuery(parsed)) {
    const lifetime = token.kind === 'jwt' ? lifetimeOf(token.payload) : undefined;
    const isShort = lifetime !== undefined && lifetime <= urlLifetimeMs;
    found.push({
      code: 'tokenInUrl',
      severity: isShort ? 'info' : 'warning',
      title: 'Token in the URL',
      text: isShort
        ? 'Logs keep URLs; it lives at most 5 minutes, which limits that.'
        : 'Servers and proxies log URLs: use a token that lives 60 to 300 s.',
      remedy: 'settings',
    });
  }
  if (parsed?.protocol === 'http:' && !isLoopbackHost(parsed.hostname)) {
    const text = 'The token goes to another machine: anyone on the way can read it. Use https.';
    found.push({
      code: 'plainHttp',
      severity: 'error',
      title: 'Sent over plain http',
      text,
      remedy: 'settings',
    });
  }
  return found;
}
