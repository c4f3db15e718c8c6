// Credentials that are looked for wherever they must not be. Their cores, T0k3n and cr3d, have no character that
// anything escapes, so they stand in every encoding but base64.

export const canaryToken = 'canary-T0k3n/+=&~x';
export const canaryCredential = 'canary-cr3d/+=&~y';

/** Canaries in a text: plain, escaped, taken apart by line ends and quotes, or in base64 at any place. */
export function canariesIn(text: string): string[] {
  const words = text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? [];
  const decoded = words.flatMap((word) =>
    [0, 1, 2, 3].map((from) => Buffer.from(word.slice(from), 'base64').toString('latin1')),
  );
  const joined = text.replaceAll(/\\[nr]|[\s"']+|data:/g, '');
  return [text, joined, ...decoded].flatMap((each) => each.match(/T0k3n|cr3d/g) ?? []);
}
