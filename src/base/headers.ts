/** Header fields in the order of the wire: [name, value] pairs (RFC 9110 section 5). */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The pairs of a list that has names and values in turn, as node gives them. */
export function headerPairs(raw: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] as string, raw[i + 1] as string]);
  return list;
}

/** All values of a field, names compared without case (RFC 9110 section 5.1). */
export function headerValues(headers: HeaderList, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

export function headerValue(headers: HeaderList, name: string): string | undefined {
  return headerValues(headers, name)[0];
}
