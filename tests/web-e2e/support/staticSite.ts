import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { webRoot } from './paths.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};

/** A plain file server with the web app and a configuration that names the API elsewhere, under the policy that its README promises to keep. */
export async function serveWebApp(port: number, apiUrl: string): Promise<() => Promise<void>> {
  const hub = apiUrl.replace('http:', 'ws:');
  const policy = `default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ${apiUrl} ${hub}`;
  const config = JSON.stringify({ apiUrl, hubUrl: `${apiUrl}/hubs/live`, mapStyleUrl: null });
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', policy);
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/config.json') {
      response.setHeader('content-type', 'application/json').end(config);
      return;
    }
    const file = join(webRoot, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
