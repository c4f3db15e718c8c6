import * as vscode from 'vscode';
import type { TooltipLine } from '../../jwt/tokenNode.ts';

/** A line each. What a token holds is code there: no link, no command, no markup comes of it. */
export function tooltipOf(lines: readonly TooltipLine[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  lines.forEach(({ text, code, link }, index) => {
    if (index > 0) markdown.appendMarkdown('\n\n');
    // The first line names what the row is about.
    if (text !== undefined)
      markdown.appendMarkdown(index === 0 && code !== undefined ? `**${escaped(text)}**` : escaped(text));
    if (link) markdown.appendMarkdown(` [${escaped(link.text)}](${link.url})`);
    if (code !== undefined) markdown.appendMarkdown(`${text === undefined ? '' : ' '}${inlineCode(code)}`);
  });
  return markdown;
}

/** Our own words, which may quote a claim: an address in them must not become a link either. */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()#+\-.!~<>|&:@"]/g, '\\$&')
    .replaceAll('www', 'w\u200bww');
}

/** A code span's fence is longer than any run of backticks in it (CommonMark 6.1). */
function inlineCode(code: string): string {
  const text = visible(code);
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  return `${fence} ${text} ${fence}`;
}

function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
