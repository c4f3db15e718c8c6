/** What a check of a token came to. Whether its time has come is not part of it. */
export interface Verdict {
  /** `unchecked`: it couldn't be told. */
  result: 'valid' | 'invalid' | 'unchecked';
  /** Who or what said so, as part of a sentence: "the JWKS of issuer.example". */
  by: string;
  /** One sentence without its full stop; never missing unless the token is valid. */
  reason?: string;
  algorithm?: string;
  keyId?: string;
  /** The length of the shared secret that was used. */
  secretBits?: number;
  /** Whom a webhook takes the token for. */
  userId?: string;
  /** Until when a webhook takes it; epoch milliseconds. */
  expiresAt?: number;
  /** Epoch milliseconds. */
  checkedAt: number;
}
