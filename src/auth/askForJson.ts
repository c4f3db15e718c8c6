import { headerValue } from '../base/headers.ts';
import { quoteAll } from '../base/quote.ts';
import type { HttpRequest } from '../sse/transport.ts';
import { type AnswerLimits, ExchangeFailure, type ExchangePorts, exchangeText } from './textExchange.ts';

/** A token could not be checked. The message is a sentence without its full stop, for the user. */
export class CheckFailure extends Error {}

/** Asks for JSON and takes nothing else. Rejects with CheckFailure. @param who begins a sentence */
export async function askForJson(
  request: HttpRequest,
  answerLimits: AnswerLimits,
  ports: ExchangePorts,
  who: string,
): Promise<unknown> {
  const { head, text } = await exchangeText(request, answerLimits, ports, new AbortController().signal).catch(
    (error: unknown) => {
      throw error instanceof ExchangeFailure
        ? new CheckFailure(`${who} gave no answer: ${error.message}`)
        : error;
    },
  );
  if (head.status >= 300 && head.status < 400)
    throw new CheckFailure(`${who} answered ${head.status}, and redirects are not followed`);
  if (head.status < 200 || head.status > 299) throw new CheckFailure(`${who} answered ${head.status}`);
  try {
    return JSON.parse(text);
  } catch {
    const type = headerValue(head.headers, 'content-type');
    const what = type === undefined ? 'something that is not JSON' : `${quoteAll([type])} that is not JSON`;
    throw new CheckFailure(`${who} answered ${what}`);
  }
}
