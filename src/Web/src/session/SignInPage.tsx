import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useServices } from '../app/services';
import { BrandMark } from '../shared/ui/BrandMark';
import './session.css';
import { explainSignIn, type SignInTrouble } from './signInTrouble';

export function SignInPage() {
  const { authentication } = useServices();
  const [userName, setUserName] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<SignInTrouble | null>(null);
  const wait = useCountdown(trouble);
  const passwordField = useRef<HTMLInputElement>(null);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy || wait > 0) return;
    setIsBusy(true);
    try {
      await authentication.signIn(userName.trim(), password);
    } catch (error) {
      setTrouble(explainSignIn(error));
      passwordField.current?.select();
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <main className="page-center">
      <form className="card sign-in" onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title"><BrandMark />FleetTracker</h1>
        <label className="field">
          User name
          <input
            data-testid="sign-in-user" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus required
            value={userName} onChange={(event) => setUserName(event.target.value)}
          />
        </label>
        <label className="field">
          Password
          <input
            ref={passwordField} data-testid="sign-in-password" name="password" type="password" autoComplete="current-password" required
            aria-describedby="sign-in-trouble" value={password} onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        <div id="sign-in-trouble" role="alert" className="trouble">
          {trouble !== null && <p data-testid="sign-in-error"><strong>{trouble.what}</strong> {trouble.next}</p>}
        </div>
        <button data-testid="sign-in-submit" type="submit" className="button primary" disabled={isBusy || wait > 0}>
          {wait > 0 ? `Try again in ${wait} s` : isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}

/** Seconds until another attempt is allowed. */
function useCountdown(trouble: SignInTrouble | null): number {
  const [left, setLeft] = useState({ trouble, seconds: 0 });
  if (left.trouble !== trouble) setLeft({ trouble, seconds: trouble?.waitSeconds ?? 0 });
  const isRunning = left.seconds > 0;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setLeft((now) => ({ ...now, seconds: now.seconds - 1 })), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return left.seconds;
}
