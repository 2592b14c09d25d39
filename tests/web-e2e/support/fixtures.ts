import { test as base, expect } from '@playwright/test';
import { FleetServer, type ServerOptions } from './fleetServer.ts';

interface TestFixtures {
  /** Starts a server that only this test uses. */
  readonly startServer: (options: ServerOptions) => Promise<FleetServer>;
  readonly faultlessPage: void;
}

interface WorkerFixtures {
  /** A server with the demo fleet that several tests look at and none of them changes for the others. */
  readonly demo: FleetServer;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demo: [async ({}, use) => {
    const server = await FleetServer.start({ demo: true });
    await use(server);
    await server.dispose();
  }, { scope: 'worker', timeout: 90_000 }],

  startServer: async ({}, use, info) => {
    const servers: FleetServer[] = [];
    await use(async (options) => {
      const server = await FleetServer.start(options);
      servers.push(server);
      return server;
    });
    for (const server of servers) {
      if (info.status !== info.expectedStatus) await info.attach('server output', { body: server.output });
      await server.dispose();
    }
  },

  /** Whatever a test is about, the page must not throw and must keep to its content security policy. */
  faultlessPage: [async ({ page }, use) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security Policy')) faults.push(message.text());
    });
    await use();
    expect(faults).toEqual([]);
  }, { auto: true }],
});

export { expect };
