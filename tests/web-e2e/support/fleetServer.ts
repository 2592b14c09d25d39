import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serverAssembly, webRoot } from './paths.ts';
import { freePorts } from './ports.ts';

export const admin = { userName: 'admin', password: 'correct horse battery 9' } as const;
export const enrollmentKey = 'enrollment-key-of-the-tests';

export interface ServerOptions {
  /** Whether recorded traces drive a fleet. */
  readonly demo: boolean;
  /** Other origins that may use the API. */
  readonly allowedOrigins?: readonly string[];
}

const startLimitMs = 60_000;
const probeMs = 100;
const keptOutput = 20_000;

/** The real server in a process of its own, with a folder and ports of its own. */
export class FleetServer {
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly #data: string;
  readonly #options: ServerOptions;
  #process: ChildProcess | null = null;
  #output = '';

  private constructor(data: string, httpPort: number, mqttPort: number, options: ServerOptions) {
    this.#data = data;
    this.httpPort = httpPort;
    this.mqttPort = mqttPort;
    this.#options = options;
  }

  static async start(options: ServerOptions): Promise<FleetServer> {
    for (const needed of [serverAssembly, webRoot]) if (!existsSync(needed)) throw new Error(`${needed} is missing; build it first.`);
    const [httpPort = 0, mqttPort = 0] = await freePorts(2);
    const server = new FleetServer(await mkdtemp(join(tmpdir(), 'fleettracker-e2e-')), httpPort, mqttPort, options);
    try {
      await server.run();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  /** What the process wrote last, for when a test fails. */
  get output(): string {
    return this.#output;
  }

  /** Starts the process on the data that is there, and waits until it takes requests. */
  async run(): Promise<void> {
    if (this.#process !== null) throw new Error('The server runs already.');
    const child = spawn('dotnet', [
      serverAssembly, '--data', this.#data, '--http-port', String(this.httpPort), '--mqtt-port', String(this.mqttPort),
      ...(this.#options.demo ? ['--demo'] : []),
    ], { env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-keptOutput));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // A run of the tests that is broken off leaves no server behind.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    await this.#ready(child);
  }

  /** Ends the process as a power failure would: nothing is flushed and no connection is closed in good order. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    const origins = (this.#options.allowedOrigins ?? []).map((origin, index) => [`Web__AllowedOrigins__${index}`, origin]);
    return {
      ...process.env,
      FLEETTRACKER_ADMIN_PASSWORD: admin.password,
      FLEETTRACKER_ENROLMENT_KEY: enrollmentKey,
      Web__Root: webRoot,
      ...Object.fromEntries(origins),
    };
  }

  async #ready(child: ChildProcess): Promise<void> {
    const end = Date.now() + startLimitMs;
    while (Date.now() < end) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server ended while it started.\n${this.#output}`);
      const answer = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      if (answer?.status === 200) return;
      await pause(probeMs);
    }
    throw new Error(`The server was not ready after ${startLimitMs / 1_000} s.\n${this.#output}`);
  }
}
