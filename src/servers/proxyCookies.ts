// Cookies of an upstream as a client of the proxy can keep them: without Domain, which names another host; without
// Secure, since the proxy speaks http; with the path prefix. RFC 6265bis.

/** Browsers take these names only with Secure: they get another one on the way out, and back on the way in. */
const guardedName = /^__(?:host|secure)-/i;
const stoodIn = 'proxied-';
const standIn = /^proxied-(?=__(?:host|secure)-)/i;

/** @param prefix the path that the proxy puts before all of the upstream's: "/secret" */
export function setCookieForClient(value: string, prefix: string): string {
  const [pair = '', ...attributes] = value.split(';');
  const name = pair.trimStart();
  const kept = attributes.flatMap((attribute) => {
    const [key = '', ...rest] = attribute.split('=');
    switch (key.trim().toLowerCase()) {
      case 'domain':
      case 'secure':
      // Needs Secure.
      case 'partitioned':
        return [];
      case 'path': {
        const path = rest.join('=').trim();
        // Any other value stands for the request's own directory, which has the prefix already.
        return path.startsWith('/') ? [` Path=${path === '/' ? prefix : prefix + path}`] : [attribute];
      }
      case 'samesite':
        // "None" needs Secure; without the attribute it goes at least to pages of the same site.
        return rest.join('=').trim().toLowerCase() === 'none' ? [] : [attribute];
      default:
        return [attribute];
    }
  });
  return [guardedName.test(name) ? stoodIn + name : name, ...kept].join(';');
}

/** A Cookie field with the names that the upstream gave. */
export function cookiesForUpstream(value: string): string {
  return value
    .split(';')
    .map((pair) => pair.trim().replace(standIn, ''))
    .join('; ');
}
