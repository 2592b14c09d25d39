import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { enrollmentKey, type FleetServer } from './fleetServer.ts';

const radius = 0.0015;
const stepDegrees = 15;
const paceMs = 1_000;

/** A device that drives in circles around a place and reports every second, until it is stopped. */
export async function driveInCircles(server: FleetServer, deviceId: string, center: { lat: number; lon: number }): Promise<() => Promise<void>> {
  // One connection: every line is a message.
  const client = spawn('mosquitto_pub', [
    '-h', '127.0.0.1', '-p', String(server.mqttPort), '-u', deviceId, '-P', enrollmentKey, '-q', '1', '-t', `fleet/${deviceId}/position`, '-l',
  ], { stdio: ['pipe', 'ignore', 'pipe'] });
  await once(client, 'spawn');
  let trouble = '';
  client.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
  // Its end is told by the exit code.
  client.stdin.on('error', () => undefined);
  const exited = once(client, 'exit');

  let angle = 0;
  const report = () => {
    angle = (angle + stepDegrees) % 360;
    const turn = (angle * Math.PI) / 180;
    const lat = center.lat + radius * Math.cos(turn);
    const lon = center.lon + (radius * Math.sin(turn)) / Math.cos((center.lat * Math.PI) / 180);
    client.stdin.write(`${JSON.stringify({ lat, lon, speed: 12.5, heading: (angle + 90) % 360, accuracy: 8 })}\n`);
  };
  report();
  const timer = setInterval(report, paceMs);

  return async () => {
    clearInterval(timer);
    client.stdin.end();
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}: ${trouble}`);
  };
}
