export function isDeviceId(text: string): boolean {
  return /^[A-Za-z0-9._:-]{1,64}$/.test(text);
}

/** The line that sends one position of a device, for a shell. The key is left as a word to replace: this page never knows it. */
export function trackerCommand(host: string, port: number, deviceId: string): string {
  return [
    `mosquitto_pub -h ${host} -p ${port} -q 1`,
    `  -u '${deviceId}' -P 'ENROLLMENT_KEY'`,
    `  -t 'fleet/${deviceId}/position'`,
    `  -m '{"lat": 47.4979, "lon": 19.0402, "speed": 8.3, "heading": 90}'`,
  ].join(' \\\n');
}
