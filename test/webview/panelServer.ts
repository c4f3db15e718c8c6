import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type ThemeName, themes } from './themes.ts';

const root = join(import.meta.dirname, '../..');
const codicons = join(root, 'node_modules/@vscode/codicons/dist');

export interface PanelServer {
  url(theme: ThemeName): string;
  dispose(): Promise<void>;
}

/** Serves the panel, bundled as for the extension, in a page with the policy that the host sets. */
export async function startPanelServer(): Promise<PanelServer> {
  const files = await bundlePanel();
  for (const name of ['codicon.css', 'codicon.ttf'])
    files.set(`/${name}`, await readFile(join(codicons, name)));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const file = files.get(pathname);
    if (file) {
      response.setHeader('content-type', contentType(pathname));
      response.end(file);
    } else if (pathname === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('content-security-policy', policy);
      response.end(page((searchParams.get('theme') ?? 'dark') as ThemeName));
    } else if (pathname === '/theme.css') {
      response.setHeader('content-type', 'text/css');
      response.end(themeCss((searchParams.get('theme') ?? 'dark') as ThemeName));
    } else {
      response.statusCode = pathname === '/favicon.ico' ? 204 : 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (theme) => `http://127.0.0.1:${port}/?theme=${theme}`,
    async dispose() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const nonce = 'dGVzdA';
const policy = `default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'nonce-${nonce}'`;

/** VS Code sets the theme's variables on the html element through the CSSOM; a stylesheet comes to the same. */
function themeCss(name: ThemeName): string {
  const variables = Object.entries(themes[name].variables).map(
    ([key, value]) => `--vscode-${key}: ${value};`,
  );
  return `html { ${variables.join('\n')} color-scheme: ${/light/i.test(name) ? 'light' : 'dark'}; }`;
}

function page(name: ThemeName): string {
  const { classes, kind } = themes[name];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>orders</title>
<link rel="stylesheet" href="theme.css?theme=${name}">
<link rel="stylesheet" href="codicon.css">
<link rel="stylesheet" href="style.css">
</head>
<body class="${classes}" data-vscode-theme-kind="${kind}">
<sse-panel></sse-panel>
<script type="module" nonce="${nonce}" src="main.js"></script>
</body>
</html>`;
}

function contentType(pathname: string): string {
  if (pathname.endsWith('.css')) return 'text/css';
  return pathname.endsWith('.js') ? 'text/javascript' : 'font/ttf';
}

/** In memory, from the sources as they are: a test never meets a stale bundle, nor one half rewritten. */
async function bundlePanel(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'media/main.ts', style: 'media/style.css' },
    outdir: 'dist/panel',
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    external: ['*.ttf'],
    legalComments: 'none',
    logLevel: 'warning',
  });
  return new Map(
    outputFiles.map((file) => [file.path.slice(join(root, 'dist/panel').length), file.contents]),
  );
}
