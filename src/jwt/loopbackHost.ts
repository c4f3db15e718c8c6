/**
 * Whether a host name means this machine and nothing else: `localhost` and names under it (RFC 6761 section
 * 6.3), 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and ::1 (RFC 4291 section 2.5.3).
 * @param hostname as `URL.hostname` gives it: lower case, IPv6 in brackets
 */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === '[::1]' || hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
