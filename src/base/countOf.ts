/** "1 event", "1,200 refreshes" */
export function countOf(count: number, word: string): string {
  const number = count.toLocaleString('en-US');
  return `${number} ${word}${count === 1 ? '' : /s[hs]?$/.test(word) ? 'es' : 's'}`;
}
