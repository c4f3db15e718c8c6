import type { DecodedToken } from './decode.ts';
import { localTime } from './times.ts';
import { sameCopy, type TokenNode, type TooltipLine } from './tokenNode.ts';
import type { Verdict } from './verdict.ts';

/** The row of the signature, or of an issuer's word on a token that has none in sight. */
export function signatureNode(token: DecodedToken, verdict: Verdict | undefined): TokenNode {
  const description = verdict ? verdictText(verdict) : uncheckedText(token);
  const icon = verdict ? icons[verdict.result] : { id: isUnsigned(token) ? 'unlock' : 'lock' };
  return {
    id: 'signature',
    label: token.kind === 'jwt' ? 'Signature' : 'Verification',
    description,
    icon,
    tooltip: verdict
      ? verdictLines(verdict)
      : [{ text: 'Verify Token checks it by the "verify" of the settings.' }],
    copy: sameCopy(description),
    verifiable: true,
  };
}

const icons: Record<Verdict['result'], { id: string; color?: string }> = {
  valid: { id: 'pass', color: 'testing.iconPassed' },
  invalid: { id: 'error', color: 'problemsErrorIcon.foreground' },
  unchecked: { id: 'question', color: 'problemsWarningIcon.foreground' },
};

function isUnsigned(token: DecodedToken): boolean {
  return token.kind === 'jwt' && token.signature.bytes === 0;
}

function uncheckedText(token: DecodedToken): string {
  if (isUnsigned(token)) return 'none: anyone can write such a token';
  return token.kind === 'jwt' ? `${token.signature.bytes} bytes, not verified` : 'not verified';
}

/** "valid, RS256, key abc" */
export function verdictText({ result, by, reason = '', algorithm, keyId }: Verdict): string {
  if (result === 'invalid') return `invalid: ${reason}`;
  if (result === 'unchecked') return `not verified: ${reason}`;
  // Without an algorithm somebody has said so.
  if (algorithm === undefined) return `valid, says ${by}`;
  return ['valid', algorithm, ...(keyId === undefined ? [] : [`key ${keyId}`])].join(', ');
}

function verdictLines(verdict: Verdict): TooltipLine[] {
  const { by, keyId, secretBits, userId, expiresAt, checkedAt, result, reason } = verdict;
  return [
    { text: result === 'valid' ? 'The token is from who has the key.' : `${capital(reason ?? '')}.` },
    { text: `Checked by ${by}, ${localTime(checkedAt)}.` },
    ...(keyId === undefined ? [] : [{ text: 'Key', code: keyId }]),
    ...(secretBits === undefined ? [] : [{ text: `The secret has ${secretBits} bits.` }]),
    ...(userId === undefined ? [] : [{ text: 'User', code: userId }]),
    ...(expiresAt === undefined ? [] : [{ text: `Taken until ${localTime(expiresAt)}.` }]),
    ...(result === 'valid' ? [{ text: 'Whether its time has come is not part of this.' }] : []),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
