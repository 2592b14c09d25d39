import { expect, test } from '../support/fixtures.ts';
import { austin, expectMoving, signIn } from '../support/page.ts';
import { freePorts } from '../support/ports.ts';
import { serveWebApp } from '../support/staticSite.ts';

test('the page works from another origin than the API', async ({ page, startServer }) => {
  const [port = 0] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServer({ demo: true, allowedOrigins: [origin] });
  const close = await serveWebApp(port, server.url);
  try {
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    page.on('websocket', (socket) => asked.add(new URL(socket.url()).origin));
    await signIn(page, origin + austin);
    await expectMoving(page, 3);
    await expect(page.getByTestId('freshness')).toHaveAttribute('data-state', 'live');
    await expect(page.getByTestId('fleet-row').first()).toBeVisible();
    expect(new URL(page.url()).origin).toBe(origin);
    expect([...asked]).toContain(server.url);
    expect([...asked]).toContain(server.url.replace('http:', 'ws:'));
  } finally {
    await close();
  }
});
