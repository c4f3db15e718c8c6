import type { DecodedToken } from './decode.ts';

export type FindingSeverity = 'error' | 'warning' | 'info';

export type FindingCode =
  | 'expired'
  | 'notYetValid'
  | 'algNone'
  | 'weakSecret'
  | 'critical'
  | 'doubledName'
  | 'missingExp'
  | 'missingSub'
  | 'overLong'
  | 'inMilliseconds'
  | 'notANumber'
  | 'wrongAudience'
  | 'wrongIssuer'
  | 'outlivedByStream'
  | 'tokenInUrl'
  | 'plainHttp'
  | 'encrypted'
  | 'compressed'
  | 'costlyKey'
  | 'malformed'
  | 'opaque';

/** Something worth knowing about a token or the way it travels. */
export interface Finding {
  code: FindingCode;
  severity: FindingSeverity;
  /** What is the matter, in the few words that a narrow row has room for. */
  title: string;
  /** Why that matters or what to do, in a sentence or two; no credential in them. */
  text: string;
  /** The claim or header parameter it is about. */
  claim?: string;
  /** What helps: another token, or other settings of the connection. */
  remedy?: 'token' | 'settings';
}

/** How the token is used, as far as it is known. */
export interface TokenContext {
  /** The connection's URL; one that doesn't parse yields no findings. */
  url?: string;
  /** `header`, `query`, `cookie` or `none`. */
  placement?: string;
  /** By how much the server's clock is ahead of this machine's; milliseconds. */
  skewMs?: number;
  /** What the settings say that the token must hold. */
  expected?: { issuer?: string | undefined; audience?: string | undefined };
  /** The audience that the server asked for when it refused a token. */
  askedAudience?: string;
  /** The length of the secret that HMAC signatures are checked with. */
  secretBits?: number;
  /** What the open stream was let in with. */
  streamToken?: DecodedToken | undefined;
}
