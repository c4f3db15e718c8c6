// What came of faults and scenarios, in words.

import { countOf } from '../base/countOf.ts';
import type { Finding, Note, Recovery } from '../capture/records.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import type { StepText } from './describe.ts';

export function verdictTone({
  recovered,
  disconnected,
  missed = 0,
  doubled = 0,
}: Recovery): Pick<StepText, 'tone' | 'icon'> {
  if (disconnected) return { tone: 'info', icon: 'circle-slash' };
  if (!recovered) return { tone: 'error', icon: 'error' };
  return missed + doubled > 0
    ? { tone: 'warning', icon: 'warning' }
    : { tone: 'success', icon: 'verified-filled' };
}

/** "Scenario \"rolling restart\" failed: loses no event: 2 events lost" */
export function scenarioText({ name, passed, findings }: Note & { step: 'scenario' }): string {
  const failed = findings.filter((finding) => !finding.passed);
  const [first] = failed;
  if (!first) {
    const { length } = findings;
    const found = length === 0 ? '' : `: ${countOf(length, 'expectation')} met`;
    return `Scenario "${name}" ${passed ? `passed${found}` : 'failed'}`;
  }
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  return `Scenario "${name}" failed: ${findingText(first)}${more}`;
}

/** "loses no event: 2 events lost" */
export function findingText({ text, why }: Finding): string {
  return `${text}: ${why}`;
}

/** "Recovered after 2 attempts in 1.8 s: no event missed or doubled, 1 refresh" */
export function recoveryText(recovery: Recovery): string {
  const { recovered, disconnected, attempts, ms, refreshes, reason } = recovery;
  const how = `${attempts === 0 ? 'without a new attempt' : `after ${countOf(attempts, 'attempt')}`} in ${
    ms >= 1_000 && ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms)
  }`;
  const asked = refreshes === 0 ? [] : [countOf(refreshes, 'refresh')];
  const stopped = [how, ...asked].join(', ');
  if (disconnected) return `You disconnected before it was over, ${stopped}`;
  if (!recovered) return `Stopped ${stopped}: ${reason ?? ''}`;
  return `Recovered ${how}: ${[...lossWords(recovery), ...(reason === undefined ? [] : [reason]), ...asked].join(', ')}`;
}

function lossWords({ missed, doubled, reason }: Recovery): string[] {
  if (missed === 0 && doubled === 0) return ['no event missed or doubled'];
  const events = (count: number, word: string): string =>
    `${count === 0 ? 'no event' : countOf(count, 'event')} ${word}`;
  const came = doubled === undefined ? [] : [events(doubled, 'doubled')];
  if (missed !== undefined) return [events(missed, 'missed'), ...came];
  // No event came that could tell.
  if (reason !== undefined) return doubled ? came : [];
  return doubled === undefined
    ? ['whether any was missed can not be told without ids']
    : [...came, 'their ids can not tell whether any was missed'];
}
