import { createHash } from 'node:crypto';

/** How a webhook is told of a topic: the first 16 bytes of the SHA-256 of its name in UTF-8, as 32 hex digits. */
export function topicHex(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

export function isTopicHex(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}
