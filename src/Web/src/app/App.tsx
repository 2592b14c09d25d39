import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { ChoosePasswordPage } from '../session/ChoosePasswordPage';
import { readPasswordLink } from '../session/passwordLink';
import { SignInPage } from '../session/SignInPage';
import { usePreferences } from '../shared/storage/preferences';
import { ServicesProvider, type Services } from './services';

// The map is the heavy part: signing in does not wait for it, and it comes while the user types.
const openMap = () => import('../live-map/LiveMapPage');
const LiveMapPage = lazy(openMap);

export function App({ services }: { services: Services }) {
  const { authentication, queries } = services;
  const session = useSyncExternalStore(authentication.store.subscribe, authentication.store.read);
  const { theme } = usePreferences();
  const userName = session?.userName ?? null;
  const [passwordToken, setPasswordToken] = useState(() => readPasswordLink(window.location));
  const leavePassword = () => {
    window.history.replaceState(null, '', '/');
    setPasswordToken(null);
  };

  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  // What fails here is tried again, and said, when the map is opened.
  useEffect(() => void openMap().catch(() => undefined), []);
  // Nothing of one user may be seen by the next.
  useEffect(() => () => queries.clear(), [userName, queries]);

  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={queries}>
        {passwordToken !== null ? <ChoosePasswordPage token={passwordToken} leave={leavePassword} />
          : userName === null ? <SignInPage /> : <Suspense fallback={<div className="map-skeleton" />}><LiveMapPage key={userName} userName={userName} /></Suspense>}
      </QueryClientProvider>
    </ServicesProvider>
  );
}
