/** Has a property of VS Code's API be something else, which VS Code lets tests do. Returns what undoes it. */
export function change(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor;
  Object.defineProperty(target, name, { configurable: true, enumerable: true, get: () => value });
  return () => {
    Object.defineProperty(target, name, before);
  };
}
