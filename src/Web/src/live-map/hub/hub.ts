import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { retryDelayMs } from './retry';

/** The part of a SignalR connection that the live feed uses. */
export interface Hub {
  on(method: string, handler: (message: unknown) => void): void;
  onreconnecting(handler: () => void): void;
  onreconnected(handler: () => void): void;
  onclose(handler: (error?: Error) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  /** Local instant at which the server ends this connection, because its token expires. */
  expiresAt(): number | null;
}

export interface HubTokens {
  token(): Promise<string | null>;
  /** Local instant at which the newest token expires. */
  expiresAt(): number | null;
}

/** Longer than two of the freshness messages, which also keep the connection alive. */
const serverTimeoutMs = 20_000;

export function createHub(hubUrl: string, tokens: HubTokens): Hub {
  let expiresAt: number | null = null;
  const accessTokenFactory = async () => {
    const token = await tokens.token();
    expiresAt = tokens.expiresAt();
    return token ?? '';
  };
  const connection = new HubConnectionBuilder()
    .withUrl(hubUrl, { accessTokenFactory, withCredentials: false })
    .withHubProtocol(new MessagePackHubProtocol())
    .withStatefulReconnect()
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: (context) => retryDelayMs(context.previousRetryCount, Math.random()) })
    .withServerTimeout(serverTimeoutMs)
    .configureLogging(LogLevel.Critical)
    .build();
  return Object.assign(connection, { expiresAt: () => expiresAt });
}
