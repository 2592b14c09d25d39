import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { retryDelayMs } from './retry';

/** The part of a SignalR connection that the live feed uses. */
export interface Hub {
  on(method: string, handler: (message: unknown) => void): void;
  onreconnecting(handler: () => void): void;
  onreconnected(handler: () => void): void;
  onclose(handler: () => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
}

/** Longer than two of the freshness messages, which also keep the connection alive. */
const serverTimeoutMs = 20_000;

export function createHub(hubUrl: string, token: () => Promise<string | null>): Hub {
  return new HubConnectionBuilder()
    .withUrl(hubUrl, { accessTokenFactory: async () => (await token()) ?? '', withCredentials: false })
    .withHubProtocol(new MessagePackHubProtocol())
    .withStatefulReconnect()
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: (context) => retryDelayMs(context.previousRetryCount, Math.random()) })
    .withServerTimeout(serverTimeoutMs)
    .configureLogging(LogLevel.Critical)
    .build();
}
