// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createRef } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { FirstRun } from '../first-run/FirstRun';
import { KeysDialog } from '../live-map/KeysDialog';
import { FleetPanel } from '../vehicles/FleetPanel';
import type { Fleet } from '../vehicles/useFleet';
import { faultsOf } from '../testAccessibility';

const nobody: Fleet = { rows: [], isLoading: false, error: null, hasMore: false, isUnused: false, loadMore: () => {}, retry: () => {} };

function panel(fleet: Fleet, search = '', onSearch = () => {}) {
  return render(
    <FleetPanel
      fleet={fleet} search={search} searchField={createRef()} onSearch={onSearch} onFold={() => {}} selectedId={null} hoveredId={null}
      units="metric" clockOffset={0} onSelect={() => {}} onHover={() => {}}
    />,
  );
}

describe('the fleet panel', () => {
  it('is accessible', async () => expect(await faultsOf(panel(nobody).container)).toEqual([]));
  it('says the next step when nothing is found', async () => {
    const onSearch = vi.fn();
    panel(nobody, 'bus', onSearch);
    await userEvent.click(screen.getByText('Show all vehicles'));
    expect(onSearch).toHaveBeenCalledWith('');
  });
  it('says what is safe when the list cannot be loaded, and tries again', async () => {
    const retry = vi.fn();
    panel({ ...nobody, error: new TypeError('fetch failed'), retry });
    expect(screen.getByRole('alert').textContent).toContain('The map goes on');
    await userEvent.click(screen.getByText('Try again'));
    expect(retry).toHaveBeenCalledOnce();
  });
});

describe('the first run', () => {
  it('is accessible', async () => expect(await faultsOf(render(<FirstRun mqttHost="" mqttPort={1883} onSkip={() => {}} />).container)).toEqual([]));
  it('writes the device into the command, and no nonsense', async () => {
    const { container } = render(<FirstRun mqttHost="" mqttPort={1883} onSkip={() => {}} />);
    const field = screen.getByRole('textbox');
    await userEvent.clear(field);
    await userEvent.type(field, 'van-7');
    expect(container.querySelector('pre')?.textContent).toContain('fleet/van-7/position');
    await userEvent.type(field, "';");
    expect(container.querySelector('pre')?.textContent).not.toContain("van-7';");
    expect(field.getAttribute('aria-invalid')).toBe('true');
  });
});

it('the keys are in a dialog that Escape closes', async () => {
  const onOpen = vi.fn();
  render(<KeysDialog isOpen onOpen={onOpen} />);
  expect(await faultsOf(screen.getByRole('dialog'))).toEqual([]);
  await userEvent.keyboard('{Escape}');
  expect(onOpen).toHaveBeenCalledWith(false);
});
