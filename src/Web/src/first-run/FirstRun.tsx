import { Radio } from 'lucide-react';
import { useState } from 'react';
import { CopyButton } from '../shared/ui/CopyButton';
import './first-run.css';
import { isDeviceId, trackerCommand } from './trackerCommand';

/** No vehicle has reported yet: how to connect the first tracker. The page turns into the map by itself. */
export function FirstRun({ mqttHost, mqttPort, onSkip }: { mqttHost: string; mqttPort: number; onSkip: () => void }) {
  const [deviceId, setDeviceId] = useState('my-first-tracker');
  const isValid = isDeviceId(deviceId);
  const command = trackerCommand(mqttHost === '' ? window.location.hostname : mqttHost, mqttPort, isValid ? deviceId : 'my-first-tracker');
  return (
    <section className="first-run" aria-labelledby="first-run-title">
      <div>
        <h2 id="first-run-title">Connect your first tracker</h2>
        <p>Send one position over MQTT, from this machine or any other that reaches the server. The vehicle is created by itself.</p>
        <label className="field">
          Device id
          <input
            value={deviceId} spellCheck={false} autoComplete="off" aria-invalid={!isValid} aria-describedby="device-id-rule"
            onChange={(event) => setDeviceId(event.target.value)}
          />
          <span id="device-id-rule" className="quiet">1 to 64 letters, digits, dots, dashes, underscores or colons.</span>
        </label>
        <div className="command">
          <pre tabIndex={0} aria-label="Command"><code>{command}</code></pre>
          <CopyButton text={command} label="Copy the command" />
        </div>
        <p>
          Replace <code>ENROLLMENT_KEY</code> by the enrollment key of your fleet. The server prints it once, at its first start.
        </p>
        <p className="listening" role="status"><Radio aria-hidden />Listening for the first position</p>
        <button type="button" className="button" onClick={onSkip}>Show the empty map</button>
      </div>
    </section>
  );
}
