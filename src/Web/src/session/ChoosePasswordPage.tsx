import { useState, type SubmitEvent } from 'react';
import { useServices } from '../app/services';
import { ApiError, describeError } from '../shared/api/problem';
import { BrandMark } from '../shared/ui/BrandMark';
import './session.css';

const minLength = 8;

interface Trouble {
  readonly text: string;
  /** Nothing that is typed here can help. */
  readonly isFinal: boolean;
}

/** Where the link of an invitation, or of a password that was reset, leads. */
export function ChoosePasswordPage({ token, leave }: { token: string; leave: () => void }) {
  const { authentication } = useServices();
  const [password, setPassword] = useState('');
  const [isShown, setIsShown] = useState(false);
  const [state, setState] = useState<'asking' | 'busy' | 'done'>('asking');
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (state === 'busy') return;
    setState('busy');
    setTrouble(null);
    try {
      await authentication.choosePassword(token, password);
      setState('done');
    } catch (error) {
      setTrouble(explain(error));
      setState('asking');
    }
  };

  if (state === 'done' || trouble?.isFinal === true) {
    return (
      <main className="page-center">
        <section className="card sign-in" aria-labelledby="password-title">
          <h1 id="password-title"><BrandMark />FleetTracker</h1>
          <p role="status" data-testid="password-outcome">{trouble?.text ?? 'Your password is set. Sign in with it now.'}</p>
          <button type="button" data-testid="password-leave" className="button primary" autoFocus onClick={leave}>Go to sign-in</button>
        </section>
      </main>
    );
  }

  return (
    <main className="page-center">
      <form className="card sign-in" onSubmit={(event) => void submit(event)} aria-labelledby="password-title">
        <h1 id="password-title"><BrandMark />FleetTracker</h1>
        <label className="field">
          Choose a password
          <input
            data-testid="password-new" name="password" type={isShown ? 'text' : 'password'} autoComplete="new-password" autoCapitalize="none" spellCheck={false}
            autoFocus required minLength={minLength} maxLength={1_024} aria-describedby="password-hint password-trouble"
            value={password} onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        <p id="password-hint" className="hint">At least {minLength} characters. All your sessions end.</p>
        <label className="check">
          <input type="checkbox" checked={isShown} onChange={(event) => setIsShown(event.target.checked)} />
          Show it
        </label>
        <div id="password-trouble" role="alert" className="trouble">{trouble !== null && <p data-testid="password-error">{trouble.text}</p>}</div>
        <button data-testid="password-submit" type="submit" className="button primary" disabled={state === 'busy'}>
          {state === 'busy' ? 'Setting it…' : 'Set the password'}
        </button>
      </form>
    </main>
  );
}

function explain(error: unknown): Trouble {
  if (!(error instanceof ApiError)) return { text: `${describeError(error)} Check the network, then try again.`, isFinal: false };
  if (error.problem.status === 410) return { text: 'This link does not work any more: it was used, or it has expired. Ask your administrator for a new one.', isFinal: true };
  if (error.problem.status === 429) return { text: 'Too many attempts. Wait a moment before the next one.', isFinal: false };
  return { text: error.message, isFinal: false };
}
