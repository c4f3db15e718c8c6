// Base64 (RFC 4648 section 4) of bytes, in slices: a call has no room for a million arguments.

/** A multiple of three, so that the parts can stand side by side. */
const sliceBytes = 0x6000;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += sliceBytes)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + sliceBytes)));
  return text;
}

/** Undefined where it isn't base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return bytes;
  } catch {
    return undefined;
  }
}
