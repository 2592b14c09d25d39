import '@fontsource-variable/inter';
import './shared/styles/tokens.css';
import './shared/styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { createServices } from './app/services';
import { StartFailed } from './app/StartFailed';
import { describeError } from './shared/api/problem';
import { loadConfig } from './shared/config/appConfig';
import { ShapeError } from './shared/parse/read';

const element = document.getElementById('root');
if (element === null) throw new Error('The page has no root element.');
const root = createRoot(element);

try {
  root.render(<App services={createServices(await loadConfig(fetch))} />);
} catch (error) {
  const reason = error instanceof ShapeError ? `The configuration of this page is wrong: ${error.message}.` : describeError(error);
  root.render(<StartFailed reason={reason} />);
}
