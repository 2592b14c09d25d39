import { fileURLToPath } from 'node:url';

const repository = new URL('../../../', import.meta.url);
const inRepository = (path: string) => fileURLToPath(new URL(path, repository));

export const webRoot = inRepository('src/Web/dist');
export const serverAssembly = process.env['FLEETTRACKER_SERVER'] ?? inRepository('src/Standalone/bin/Release/net10.0/FleetTracker.Standalone.dll');
