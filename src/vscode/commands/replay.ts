// Replay 401, Replay 503... and their like: what a connection is made to meet, now or at its next attempt.
import * as vscode from 'vscode';
import { AppError } from '../../base/errors.ts';
import { mostArmed } from '../../lab/faultInjector.ts';
import { describeFault, type Fault } from '../../lab/faultKinds.ts';
import {
  lastChallenges,
  lastFailure,
  standardChallenge,
  unauthorized,
  unavailable,
} from '../../lab/replays.ts';
import type { Session } from '../../session/session.ts';
import { commands } from '../ids.ts';
import { type Action, showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { askCount, askRetryAfter, askSeconds } from './replayForms.ts';

const { t } = vscode.l10n;

type When = 'now' | 'next';

/** The commands that make one connection meet a fault. */
export const replayCommands: Record<string, (services: Services, session: Session) => Promise<void>> = {
  [commands.replay401]: replay401,
  [commands.replay503]: replay503,
  [commands.replayLastFailure]: replayLastFailure,
  [commands.cutStream]: cutStream,
  [commands.stall]: stall,
};

async function replay401(services: Services, session: Session): Promise<void> {
  const real = lastChallenges(session.capture);
  const challenges = [
    { label: t('invalid_token'), detail: standardChallenge, challenges: [standardChallenge] },
    ...(real.length > 0
      ? [{ label: t('The last challenge of the server'), detail: real.join(', '), challenges: real }]
      : []),
    { label: t('No challenge'), detail: t('401 without WWW-Authenticate'), challenges: [] },
  ];
  const items = timesOf(session).flatMap(({ when, title }) => [
    { label: title, kind: vscode.QuickPickItemKind.Separator, when, challenges: [] as string[] },
    ...challenges.map((item) => ({ ...item, detail: plainText(item.detail), when })),
  ]);
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: t('401 with which challenge (WWW-Authenticate)?'),
    matchOnDetail: true,
  });
  if (picked) await inject(services, session, unauthorized(picked.challenges), 1, picked.when);
}

async function replay503(services: Services, session: Session): Promise<void> {
  const count = await askCount();
  if (!count) return;
  const retryAfter = await askRetryAfter(services.clock);
  if (!retryAfter) return;
  const when = await askWhen(session);
  if (when) await inject(services, session, unavailable(retryAfter.value), count.attempts, when);
}

async function replayLastFailure(services: Services, session: Session): Promise<void> {
  const fault = lastFailure(session.capture);
  if (!fault) throw new AppError('replay.noFailure', { connection: session.name });
  const onStream = fault.kind === 'cut' || fault.kind === 'stall';
  const when = await askWhen(session, describeFault(fault));
  if (!when) return;
  if (onStream) await injectInStream(services, session, fault, when);
  else await inject(services, session, fault, 1, when);
}

async function cutStream(services: Services, session: Session): Promise<void> {
  const picked = await vscode.window.showQuickPick(
    [
      { label: t('Reset'), detail: t('The connection breaks.'), how: 'reset' as const },
      {
        label: t('Clean end'),
        detail: t('The stream ends as if the server had finished.'),
        how: 'end' as const,
      },
      {
        label: t('In the middle of the next event'),
        detail: t('Half of its bytes come, then the connection breaks.'),
        how: 'midEvent' as const,
      },
    ],
    { placeHolder: t('How is the stream cut?') },
  );
  if (picked)
    await injectInStream(services, session, { kind: 'cut', afterEvents: 0, how: picked.how }, 'now');
}

async function stall(services: Services, session: Session): Promise<void> {
  const silence = await askSeconds();
  if (!silence) return;
  const { seconds } = silence;
  const fault: Fault = {
    kind: 'stall',
    afterEvents: 0,
    ...(seconds === undefined ? {} : { ms: seconds * 1_000 }),
  };
  await injectInStream(services, session, fault, 'now');
}

/** The next attempts meet the fault; now: by cutting the stream, or skipping the wait. */
async function inject(
  services: Services,
  session: Session,
  fault: Fault,
  attempts: number | undefined,
  when: When,
): Promise<void> {
  const outcome = services.lab.of(session).arm([fault], attempts, when);
  if (outcome === 'full') throw new AppError('faults.full', { connection: session.name, most: mostArmed });
  if (outcome === 'now') show(services, session);
  else await tellArmed(session, fault, attempts);
}

/** The stream that is open meets the fault, or that of the next attempt does, after its first event. */
async function injectInStream(
  services: Services,
  session: Session,
  fault: Fault & { kind: 'cut' | 'stall' },
  when: When,
): Promise<void> {
  if (when === 'now' && services.lab.of(session).inject(fault)) show(services, session);
  else await inject(services, session, { ...fault, afterEvents: 1 }, 1, 'next');
}

function show({ sessions, panels }: Services, session: Session): void {
  sessions.select(session);
  panels.show(session);
}

async function tellArmed(session: Session, fault: Fault, attempts: number | undefined): Promise<void> {
  const what = describeFault(fault);
  const { name, isActive } = session;
  const text =
    attempts === undefined
      ? t('"{0}": {1} is armed for every attempt.', name, what)
      : attempts === 1
        ? t('"{0}": {1} is armed for the next attempt.', name, what)
        : t('"{0}": {1} is armed for the next {2} attempts.', name, what, attempts);
  const connect: Action = isActive
    ? { title: t('Reconnect'), command: commands.forceReconnect, args: [name] }
    : { title: t('Connect'), command: commands.connect, args: [name] };
  await showMessage('info', text, connect, {
    title: t('Disarm All Faults'),
    command: commands.disarmAllFaults,
  });
}

/** Now is possible while the connection is wanted: one that is closed, or waits for a token, makes no attempt by itself. */
function timesOf({ isActive, state }: Session): { when: When; title: string }[] {
  const next = { when: 'next' as const, title: t('at the next attempt') };
  if (!isActive || state.kind === 'needsToken') return [next];
  return [{ when: 'now', title: state.kind === 'open' ? t('now: the stream is cut') : t('now') }, next];
}

async function askWhen(session: Session, what?: string): Promise<When | undefined> {
  const times = timesOf(session);
  if (times.length === 1) return times[0]?.when;
  const picked = await vscode.window.showQuickPick(
    times.map(({ when, title }) => ({ label: `${title.charAt(0).toUpperCase()}${title.slice(1)}`, when })),
    { placeHolder: what === undefined ? t('When?') : t('{0}: when?', plainText(what)) },
  );
  return picked?.when;
}
