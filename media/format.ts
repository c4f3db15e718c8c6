// Numbers, sizes, times and text as the panel writes them.

const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function formatCount(count: number): string {
  return integers.format(count);
}

/** `1 event`, `1,203 events`. */
export function plural(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** `188 B`, `1.2 KB`, `256 MB`; 1 KB is 1024 B, as in VS Code. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = 'B';
  for (const next of ['KB', 'MB', 'GB', 'TB']) {
    if (value < 1023.95) break;
    value /= 1024;
    unit = next;
  }
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${unit}`;
}

export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return '<0.1 ev/s';
  return `${perSecond < 9.95 ? perSecond.toFixed(1).replace(/\.0$/, '') : formatCount(perSecond)} ev/s`;
}

/** `3.2 s`, `42 s`, `12m 03s`, `1h 02m`, `3d 4h`. */
export function formatDuration(ms: number, tenths = false): string {
  if (tenths && ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `0.4 ms`, `38 ms`, `2,512 ms`, from ten seconds on as a duration: on one machine every part of an exchange is short. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 9_999.5 ? `${formatCount(ms)} ms` : formatDuration(ms);
}

/** `+8ms`, `+0.8s`, `+12.3s`, `+2m 03s`. */
export function formatGap(ms: number): string {
  if (ms < 99.5) return `+${Math.round(ms)}ms`;
  if (ms < 59_950) return `+${(ms / 1000).toFixed(1)}s`;
  return `+${formatDuration(ms)}`;
}

/** `+12.345 s`, `+1:02.345`, `+1:01:02.345`. */
export function formatSince(ms: number): string {
  const sign = ms < 0 ? '-' : '+';
  const whole = Math.abs(Math.round(ms));
  const [seconds, minutes, hours] = [
    Math.floor(whole / 1000) % 60,
    Math.floor(whole / 60_000) % 60,
    Math.floor(whole / 3_600_000),
  ];
  const fraction = pad(whole % 1000, 3);
  if (whole < 60_000) return `${sign}${seconds}.${fraction} s`;
  const clock = hours > 0 ? `${hours}:${pad(minutes)}` : String(minutes);
  return `${sign}${clock}:${pad(seconds)}.${fraction}`;
}

/** Local `HH:MM:SS.mmm`; nothing for 0, which stands for a time that isn't known. */
export function formatTime(epochMs: number): string {
  if (epochMs === 0) return '';
  const at = new Date(epochMs);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

/** Local `YYYY-MM-DD HH:MM:SS.mmm`. */
export function formatDateTime(epochMs: number): string {
  if (epochMs === 0) return 'at a time that is not known';
  const at = new Date(epochMs);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${formatTime(epochMs)}`;
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what it is for.
const unseen = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/**
 * Makes visible what would act on the text around it or show as nothing: control characters as their
 * pictures, bidirectional overrides and lone surrogates by their code. Tab and line feed stay.
 */
export function visibleText(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** One of six hues for an event type, the same one each time: FNV-1a, its bits mixed once more at the end. */
export function hueOf(type: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < type.length; at++) hash = Math.imul(hash ^ type.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 6;
}
