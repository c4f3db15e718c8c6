import { MemoryCookieJar } from '../../src/node/cookieJar.ts';
import { readTextFile } from '../../src/node/files.ts';
import type { SessionPorts } from '../../src/session/session.ts';

/** What a session needs of its surroundings, where everything is allowed and no variable is set. */
export function sessionEdges() {
  return {
    variables: { env: () => undefined, secret: async () => undefined },
    approvals: { approve: async () => true },
    files: { readText: readTextFile },
    newCookieJar: () => new MemoryCookieJar(),
    verifiesCertificates: () => true,
    sentenceOf: (error) => `${error.code} ${JSON.stringify(error.facts)}`,
    assertAllowed: () => {},
  } satisfies Partial<SessionPorts>;
}
