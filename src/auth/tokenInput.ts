import { AppError } from '../base/errors.ts';

/**
 * The token in what a person pasted: white space around it and a scheme in front ("Bearer ", or a whole
 * `Authorization:` line) are taken off. Throws AppError `token.empty`, or `token.characters` for anything that
 * can't stand in a header field (RFC 9110 section 5.5) or was broken by a line break; the error never holds
 * the token.
 */
export function tokenFromInput(input: string): string {
  const token = input
    .trim()
    .replace(/^authorization:\s*/i, '')
    .replace(/^bearer(?:\s+|$)/i, '')
    .trim();
  if (token === '') throw new AppError('token.empty', {});
  for (const character of token) {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0x20 && code < 0x7f) continue;
    throw new AppError('token.characters', { character: characterName(code) });
  }
  return token;
}

function characterName(code: number): string {
  if (code === 0x0a || code === 0x0d) return 'a line break';
  if (code === 0x20) return 'a space';
  if (code === 0x09) return 'a tab';
  return `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
