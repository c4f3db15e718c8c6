import { quoteAll } from '../base/quote.ts';
import { claimOf, textsOf } from './claims.ts';
import type { DecodedJwt, DecodedToken, EncryptedToken, OpaqueToken } from './decode.ts';
import type { Finding, FindingSeverity, TokenContext } from './finding.ts';
import { outlivedByStream, timeFindings } from './timeFindings.ts';
import { fitFindings, travelFindings } from './useFindings.ts';

/**
 * What is wrong, or worth a look, with a token: errors first, then warnings, then information.
 * @param nowMs epoch milliseconds of this machine's clock
 */
export function tokenFindings(token: DecodedToken, nowMs: number, use: TokenContext = {}): Finding[] {
  const found = [
    ...contentFindings(token, nowMs, use),
    ...outlivedByStream(use.streamToken, nowMs, use),
    ...travelFindings(token, use),
  ];
  const order: Record<FindingSeverity, number> = { error: 0, warning: 1, info: 2 };
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}

function contentFindings(token: DecodedToken, nowMs: number, use: TokenContext): Finding[] {
  switch (token.kind) {
    case 'opaque':
      return [opaque(token)];
    case 'encrypted':
      return encrypted(token);
    case 'jwt':
      return [
        ...algorithm(token, use),
        ...timeFindings(token, nowMs, use),
        ...fitFindings(token, use),
        ...structure(token),
      ];
  }
}

function opaque({ malformed, reason }: OpaqueToken): Finding {
  return malformed
    ? {
        code: 'malformed',
        severity: 'error',
        title: 'Unreadable JWT',
        text: `The token begins as a JWT but can't be read as one: ${reason}`,
        remedy: 'token',
      }
    : {
        code: 'opaque',
        severity: 'info',
        title: 'Not a JWT',
        text: `Only the server that made it knows what it says. ${reason}`,
      };
}

/** More rounds than anyone needs for a password (RFC 7518 section 4.8.1.2 asks for 1,000 or more). */
const manyRounds = 1_000_000;

function encrypted({ header }: EncryptedToken): Finding[] {
  const found: Finding[] = [
    {
      code: 'encrypted',
      severity: 'info',
      title: 'Encrypted (JWE)',
      text: 'Only the header can be read without the key. It is never decrypted here.',
    },
  ];
  const rounds = claimOf(header, 'p2c');
  if (typeof rounds === 'number' && rounds > manyRounds) {
    const text = `The token wants ${rounds} rounds of hashing before it can be read: a server that takes it can be kept busy by anyone.`;
    found.push({ code: 'costlyKey', severity: 'warning', title: 'Costly to read (p2c)', text, claim: 'p2c' });
  }
  if (claimOf(header, 'zip') !== undefined) {
    const text = 'It was compressed before it was encrypted: its real size shows only when it is read.';
    found.push({ code: 'compressed', severity: 'info', title: 'Compressed (zip)', text, claim: 'zip' });
  }
  return [...found, ...critical(header)];
}

function algorithm({ algorithm: alg }: DecodedJwt, { secretBits }: TokenContext): Finding[] {
  // RFC 7518 section 3.6 spells it "none"; some libraries have accepted any case.
  if (alg.toLowerCase() === 'none') {
    const text = 'Anyone can write a token like it: its alg is "none".';
    return [{ code: 'algNone', severity: 'error', title: 'Not signed', text, claim: 'alg', remedy: 'token' }];
  }
  // RFC 7518 section 3.2: a key of the hash's size or larger.
  const wanted = /^HS(256|384|512)$/.exec(alg)?.[1];
  if (wanted !== undefined && secretBits !== undefined && secretBits < Number(wanted)) {
    const title = `Secret of ${secretBits} bits`;
    const text = `${alg} needs ${wanted} or more, or the secret can be guessed from a single token.`;
    return [{ code: 'weakSecret', severity: 'error', title, text, claim: 'alg' }];
  }
  return [];
}

function structure({ header, duplicateNames }: DecodedJwt): Finding[] {
  const found = critical(header);
  if (duplicateNames.length > 0) {
    const text = `${quoteAll(duplicateNames)} ${duplicateNames.length === 1 ? 'comes' : 'come'} twice in one object: which one counts differs between servers. The last one is shown.`;
    found.push({ code: 'doubledName', severity: 'warning', title: 'Doubled name', text, remedy: 'token' });
  }
  return found;
}

function critical(header: DecodedJwt['header']): Finding[] {
  const value = claimOf(header, 'crit');
  if (value === undefined) return [];
  const names = textsOf(value);
  // RFC 7515 section 4.1.11: a list of names, not empty, each of them in the header.
  const isWellFormed =
    Array.isArray(value) &&
    names.length > 0 &&
    names.length === value.length &&
    names.every((name) => Object.hasOwn(header, name));
  return isWellFormed
    ? [
        {
          code: 'critical',
          severity: 'info',
          title: 'Critical header (crit)',
          text: `A server must know ${quoteAll(names)}, or refuse the token.`,
          claim: 'crit',
        },
      ]
    : [
        {
          code: 'critical',
          severity: 'error',
          title: 'Broken crit',
          text: 'It is no list of names that are in the header: every server must refuse the token.',
          claim: 'crit',
          remedy: 'token',
        },
      ];
}
