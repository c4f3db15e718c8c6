/**
 * Text for places of the workbench that give `$(icon)` and `[label](link)` a meaning (messages, status bar,
 * quick picks, input prompts): what a server or a setting wrote must stay text there.
 */
export function plainText(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return visible.replaceAll('$(', '$\u200b(').replaceAll('](', ']\u200b(');
}
