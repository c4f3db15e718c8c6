import { claimOf, secondsClaim } from '../jwt/claims.ts';
import type { DecodedToken, JsonObject } from '../jwt/decode.ts';
import type { TokenFacts } from '../sse/steps.ts';

/** Enough for any token that a person looks at. */
const mostNames = 50;
const longestText = 100;

/** What may be told of a token that took another one's place: names of claims, and of values only `exp` and `jti`. */
export function tokenChange(
  before: DecodedToken,
  after: DecodedToken,
): { before: TokenFacts; after: TokenFacts; claims: string[] } {
  return { before: factsOf(before), after: factsOf(after), claims: changedClaims(before, after) };
}

/** The names of the claims that one token has and the other has not, or with another value. */
export function changedClaims(before: DecodedToken, after: DecodedToken): string[] {
  const [from, to] = [payloadOf(before), payloadOf(after)];
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...names]
    .filter((name) => JSON.stringify(claimOf(from, name)) !== JSON.stringify(claimOf(to, name)))
    .slice(0, mostNames)
    .map((name) => name.slice(0, longestText));
}

function factsOf(token: DecodedToken): TokenFacts {
  const payload = payloadOf(token);
  const exp = secondsClaim(payload, 'exp');
  const jti = claimOf(payload, 'jti');
  return {
    ...(exp === undefined ? {} : { exp }),
    ...(typeof jti === 'string' ? { jti: jti.slice(0, longestText) } : {}),
  };
}

function payloadOf(token: DecodedToken): JsonObject {
  return token.kind === 'jwt' ? token.payload : {};
}
