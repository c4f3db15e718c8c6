// `npm run sample-server`: the sample server outside VS Code, until Ctrl+C.
import { parseArgs } from 'node:util';
import {
  type SampleServer,
  type SampleServerOptions,
  startUsualSampleServer,
} from '../src/servers/sampleServer.ts';
import { sampleTopics } from '../src/servers/sampleTopics.ts';
import { onEndSignal } from '../test/support/endSignals.ts';

const usage = `Usage: npm run sample-server -- [options]
  --port NUMBER            where it listens; 8787, or a free port where that is taken
  --interval MILLISECONDS  between two events of a stream; 1000
  --no-auth                lets everyone in
  --webhook URL            who verifies tokens: POST {jwt, topic}; the server itself unless given
  --allow-remote-webhook   the webhook may be on another machine, where tokens are sent then`;

try {
  const options = readOptions();
  if (options === undefined) {
    console.log(usage);
  } else {
    const server = await startUsualSampleServer(options);
    onEndSignal(() => void server.dispose().then(() => process.exit(0)));
    console.log(await introduction(server, options));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function readOptions(): SampleServerOptions | undefined {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      interval: { type: 'string' },
      'no-auth': { type: 'boolean' },
      webhook: { type: 'string' },
      'allow-remote-webhook': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  return {
    port: wholeNumber('port', values.port, 65_535),
    intervalMs: wholeNumber('interval', values.interval, 86_400_000),
    authentication: !values['no-auth'],
    webhookUrl: values.webhook,
    mayLeaveMachine: values['allow-remote-webhook'],
  };
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new Error(`--${name} must be a whole number up to ${most}, not "${text}".`);
  return value;
}

async function introduction(server: SampleServer, options: SampleServerOptions): Promise<string> {
  const { url, tokenUrl, publishUrl } = server;
  const names = sampleTopics.map(({ name }) => name).join(', ');
  const lines = [`The sample server listens at ${url}; Ctrl+C ends it.`, '', `  Topics: ${names}`];
  if (options.authentication === false) {
    lines.push('  Everyone is let in.', '', `  curl -N ${url}/events/orders`);
  } else if (options.webhookUrl !== undefined) {
    lines.push(`  Tokens are verified by ${options.webhookUrl}`, '');
    lines.push(`  curl -N ${url}/events/orders -H "Authorization: Bearer $TOKEN"`);
  } else {
    lines.push('', `  TOKEN=${await server.mint()}`);
    lines.push(`  curl -N ${url}/events/orders -H "Authorization: Bearer $TOKEN"`);
    lines.push(`  curl -N "${url}/events/orders?token=$TOKEN"`);
    lines.push(`  curl -N ${url}/events/orders -b "access_token=$TOKEN"`);
    lines.push(`  curl -X POST ${tokenUrl} -d '{"ttlSeconds": 60}'`);
  }
  lines.push(`  curl -X POST ${publishUrl} -d '{"topic": "mine", "data": "hello"}'`);
  lines.push(`  curl ${url}/health`, '');
  return lines.join('\n');
}
